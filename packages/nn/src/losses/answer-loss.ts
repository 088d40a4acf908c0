// B answers
import type { GraphBuilder, Tensor } from "@mede2/onnx";

/** Log-probabilities of a batch of answers that are judged one by one, summed over the tokens of each. */
export type AnswerInputs = {
  /** [B] log π of the policy. */
  readonly logProbs: Tensor;
  /** [B] log π of the reference policy: constants. */
  readonly reference: Tensor;
  /** [B] 1 where the answer is desirable, −1 where it is not. */
  readonly signs: Tensor;
  /** A scalar without gradient: from where an answer counts as preferred. What it is, each loss says. */
  readonly shift: Tensor;
  /** A scalar that takes the place of a loss's own beta. */
  readonly beta?: Tensor;
};

/** Losses of single answers, [B]; the caller weights and averages them. */
export type AnswerLoss = (g: GraphBuilder, inputs: AnswerInputs) => Tensor;
