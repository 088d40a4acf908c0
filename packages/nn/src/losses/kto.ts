// B answers
import { type GraphBuilder, ops, type Tensor } from "@mede2/onnx";
import type { AnswerLoss } from "./answer-loss.ts";

/**
 * Kahneman–Tversky optimisation (arXiv 2402.01306, eq. 7) of answers that are rated one by one: 1 − σ(sign · β · (log-ratio − shift)), [B], where `shift` is how far
 * the policy is from the reference (`ktoDistance`). As TRL's KTOTrainer with loss `kto`. ½ at step 0.
 */
export function kto(beta: number): AnswerLoss {
  return (g, inputs) => {
    const ratio = ops.sub(g, inputs.logProbs, inputs.reference);
    const reward = ops.mul(g, ops.sub(g, ratio, inputs.shift), inputs.beta ?? beta);
    return ops.sigmoid(g, ops.neg(g, ops.mul(g, inputs.signs, reward)));
  };
}

/**
 * max(0, mean of log π − log π_ref) over answers [M] put to prompts that they do not belong to: the estimate of KL(π ‖ π_ref) of the paper's §4.1,
 * without gradient.
 */
export function ktoDistance(g: GraphBuilder, mismatched: Tensor, reference: Tensor): Tensor {
  const mean = ops.reduceMean(g, ops.sub(g, mismatched, reference), [0], false);
  return ops.stopGradient(g, ops.relu(g, mean));
}
