// N pairs
import { ops } from "@mede2/onnx";
import type { PairLoss } from "./preference-loss.ts";

/**
 * Simple preference optimisation (arXiv 2405.14734, eq. 6), without a reference: −log σ(β · (log π(chosen) per token − log π(rejected) per token) − γ),
 * as TRL's CPOTrainer has it with `simpo` and no NLL term.
 */
export function simpo(beta: number, gamma: number): PairLoss {
  return (g, inputs) => {
    const chosen = ops.div(g, inputs.chosen, inputs.chosenTokens);
    const rejected = ops.div(g, inputs.rejected, inputs.rejectedTokens);
    const margin = ops.sub(g, ops.mul(g, ops.sub(g, chosen, rejected), inputs.beta ?? beta), gamma);
    return ops.softplus(g, ops.neg(g, margin));
  };
}
