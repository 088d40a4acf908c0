// N pairs
import { type GraphBuilder, ops, type Tensor } from "@mede2/onnx";
import type { PairLoss, PreferenceInputs } from "./preference-loss.ts";

/** log π/π_ref of the chosen and of the rejected answers, [N] each; with `normalised` per token of the answer. */
export function logRatios(
  g: GraphBuilder,
  inputs: PreferenceInputs,
  normalised = false,
): { chosen: Tensor; rejected: Tensor } {
  const chosen = ops.sub(g, inputs.chosen, inputs.referenceChosen);
  const rejected = ops.sub(g, inputs.rejected, inputs.referenceRejected);
  if (!normalised) return { chosen, rejected };
  return {
    chosen: ops.div(g, chosen, inputs.chosenTokens),
    rejected: ops.div(g, rejected, inputs.rejectedTokens),
  };
}

export type DpoOptions = {
  /** ε of the conservative form: (1 − ε) · loss + ε · loss of the swapped pair (the same authors' note; TRL until 1.8, ms-swift). */
  readonly labelSmoothing?: number;
  /** Log-ratios per token, so that long answers weigh no more than short ones (TRL `sigmoid_norm`). */
  readonly normalised?: boolean;
  /** Unbiased under flipped labels (rDPO, arXiv 2403.00409 eq. 12; TRL `robust`): ((1 − ε) · loss − ε · swapped) / (1 − 2ε). */
  readonly robust?: boolean;
};

/** Direct preference optimisation (arXiv 2305.18290, eq. 7): −log σ(β · (log-ratio of chosen − log-ratio of rejected)). ln 2 at step 0. */
export function dpo(
  beta: number,
  { labelSmoothing = 0, normalised = false, robust = false }: DpoOptions = {},
): PairLoss {
  return (g, inputs) => {
    const ratios = logRatios(g, inputs, normalised);
    const margin = ops.mul(g, ops.sub(g, ratios.chosen, ratios.rejected), inputs.beta ?? beta);
    const loss = ops.softplus(g, ops.neg(g, margin));
    if (labelSmoothing === 0) return loss;
    const swapped = ops.softplus(g, margin);
    const share = robust ? -labelSmoothing : labelSmoothing;
    const mixed = ops.add(g, ops.mul(g, loss, 1 - labelSmoothing), ops.mul(g, swapped, share));
    return robust ? ops.mul(g, mixed, 1 / (1 - 2 * labelSmoothing)) : mixed;
  };
}
