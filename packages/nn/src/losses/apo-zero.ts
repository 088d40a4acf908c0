// N pairs
import { ops } from "@mede2/onnx";
import { logRatios } from "./dpo.ts";
import type { PairLoss } from "./preference-loss.ts";

/**
 * Anchored preference optimisation (arXiv 2408.06266, eq. 7; TRL `apo_zero`): 1 − σ(β · log-ratio of chosen) + σ(β · log-ratio of rejected).
 * Chosen answers must gain against the reference, not against the rejected alone: a remedy where both log-probabilities fall. 1 at step 0.
 */
export function apoZero(beta: number): PairLoss {
  return (g, inputs) => {
    const ratios = logRatios(g, inputs);
    const strength = inputs.beta ?? beta;
    const chosen = ops.sigmoid(g, ops.neg(g, ops.mul(g, ratios.chosen, strength)));
    return ops.add(g, chosen, ops.sigmoid(g, ops.mul(g, ratios.rejected, strength)));
  };
}
