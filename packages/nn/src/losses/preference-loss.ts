// N pairs
import type { GraphBuilder, Tensor } from "@mede2/onnx";

/** Log-probabilities of a batch of pairs, summed over the tokens of each answer. */
export type PreferenceInputs = {
  /** [N] log π(chosen) and log π(rejected) of the policy. */
  readonly chosen: Tensor;
  readonly rejected: Tensor;
  /** [N] the same under the reference policy: constants. */
  readonly referenceChosen: Tensor;
  readonly referenceRejected: Tensor;
};

/** Losses of single pairs, [N]; the caller weights and averages them. */
export type PairLoss = (g: GraphBuilder, inputs: PreferenceInputs) => Tensor;
