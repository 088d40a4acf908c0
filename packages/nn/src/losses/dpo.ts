// N pairs
import { type GraphBuilder, ops, type Tensor } from "@mede2/onnx";
import type { PairLoss, PreferenceInputs } from "./preference-loss.ts";

/** log π/π_ref of the chosen and of the rejected answers, [N] each. */
export function logRatios(g: GraphBuilder, inputs: PreferenceInputs): { chosen: Tensor; rejected: Tensor } {
  return {
    chosen: ops.sub(g, inputs.chosen, inputs.referenceChosen),
    rejected: ops.sub(g, inputs.rejected, inputs.referenceRejected),
  };
}

/**
 * Direct preference optimisation (arXiv 2305.18290, eq. 7): −log σ(β · (log-ratio of chosen − log-ratio of rejected)).
 * With label smoothing ε the conservative form of the same authors: (1 − ε) · loss + ε · loss of the swapped pair. ln 2 at step 0.
 */
export function dpo(beta: number, labelSmoothing = 0): PairLoss {
  return (g, inputs) => {
    const ratios = logRatios(g, inputs);
    const margin = ops.mul(g, ops.sub(g, ratios.chosen, ratios.rejected), beta);
    const loss = ops.softplus(g, ops.neg(g, margin));
    if (labelSmoothing === 0) return loss;
    const swapped = ops.softplus(g, margin);
    return ops.add(g, ops.mul(g, loss, 1 - labelSmoothing), ops.mul(g, swapped, labelSmoothing));
  };
}
