// B answers
import { type GraphBuilder, ops, type Tensor } from "@mede2/onnx";

export type KtoInputs = {
  /** [B] log π and log π_ref of each answer, summed over its tokens. */
  readonly logProbs: Tensor;
  readonly reference: Tensor;
  /** [B] 1 where the answer is desirable, −1 where it is not. */
  readonly signs: Tensor;
  /** A scalar of at least 0: how far the policy is from the reference, `ktoDistance`. No gradient flows through it. */
  readonly distance: Tensor;
  /** In the place of the loss's own beta. */
  readonly beta?: Tensor;
};

/**
 * Kahneman–Tversky optimisation (arXiv 2402.01306, eq. 7) of answers that are rated one by one: 1 − σ(sign · β · (log-ratio − distance)), [B]. The caller
 * weights desirable and undesirable answers. As TRL's KTOTrainer with loss `kto`. ½ at step 0.
 */
export function kto(beta: number): (g: GraphBuilder, inputs: KtoInputs) => Tensor {
  return (g, inputs) => {
    const ratio = ops.sub(g, inputs.logProbs, inputs.reference);
    const reward = ops.mul(g, ops.sub(g, ratio, inputs.distance), inputs.beta ?? beta);
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
