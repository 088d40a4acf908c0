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
  /** [N] numbers of tokens of the answers. */
  readonly chosenTokens: Tensor;
  readonly rejectedTokens: Tensor;
  /** A scalar that takes the place of a loss's own beta: how a schedule changes it from step to step. */
  readonly beta?: Tensor;
};

/** Losses of single pairs, [N]; the caller weights and averages them. */
export type PairLoss = (g: GraphBuilder, inputs: PreferenceInputs) => Tensor;
