// M supervised positions
import { type GraphBuilder, ops, type Tensor } from "@mede2/onnx";

/**
 * Masked cross-entropy: −Σ weight · log p, in nats. `weights_M` is 1 / (number of supervised tokens of the whole optimiser batch) at a token and 0
 * at padding, so that micro-batches add up to the mean over all tokens, as transformers averages since 4.46.
 */
export function crossEntropy(g: GraphBuilder, logProbs_M: Tensor, weights_M: Tensor): Tensor {
  return ops.neg(g, ops.sumAll(g, ops.mul(g, logProbs_M, weights_M)));
}
