// B answers
import { ops } from "@mede2/onnx";
import type { AnswerLoss } from "./answer-loss.ts";

/**
 * Binary classifier optimisation with a reward shift (arXiv 2404.04656, eq. 9; TRL's BCOTrainer without density-ratio weights) of answers that are rated one by one:
 * −log σ(sign · (r − δ)) with r = β · log-ratio, [B]. `shift` is δ: the running mean of all rewards, this batch's included, which the caller keeps. ln 2 at step 0.
 */
export function bco(beta: number): AnswerLoss {
  return (g, inputs) => {
    const ratio = ops.sub(g, inputs.logProbs, inputs.reference);
    const above = ops.sub(g, ops.mul(g, ratio, inputs.beta ?? beta), inputs.shift);
    return ops.softplus(g, ops.neg(g, ops.mul(g, inputs.signs, above)));
  };
}
