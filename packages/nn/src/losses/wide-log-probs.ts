// M supervised positions · D width · V vocabulary · C part of the vocabulary
import { type GraphBuilder, ops, type Tensor } from "@mede2/onnx";

/** Rows of the head that are multiplied together: the logits of one part stay in the caches of the processor. */
export const headPart = 8192;

/** Beginnings and ends of the parts of a vocabulary. */
export function headParts(vocabulary: number): readonly (readonly [from: number, to: number])[] {
  return Array.from({ length: Math.ceil(vocabulary / headPart) }, (_, n) => [
    n * headPart,
    Math.min(vocabulary, (n + 1) * headPart),
  ]);
}

/**
 * log p(target) [M] under a head [V, D] that is not trained, without ever holding the logits of the whole vocabulary: part by part, the softmax of a part and its mean row
 * of the head, joined at the end by the parts' shares (the online softmax of arXiv 1805.02867, as FlashAttention uses it). d log p / dh = W[target] − Σ p(v) W[v] is therefore
 * known when log p is, and the backward pass multiplies nothing: the value is log p, its gradient is put in as a linear term that is 0.
 *
 * `normal` [M, D] are hidden states after the final norm; `head` the whole head, of which the rows of the targets are taken; `part` gives rows of it.
 */
export function wideLogProbs(
  g: GraphBuilder,
  normal: Tensor,
  targets: Tensor,
  head: Tensor,
  part: (from: number, to: number) => Tensor,
  differentiated: boolean,
): Tensor {
  const parts = headParts(head.shape[0] as number).map(([from, to]) => {
    const rows_CD = part(from, to);
    const logits_MC = ops.fusedMatMul(g, normal, rows_CD, { transB: true });
    const shares_MC = ops.softmax(g, logits_MC);
    // log Σ exp = largest logit − log of its share
    const logSum = ops.sub(g, ops.reduceMax(g, logits_MC, [1]), ops.log(g, ops.reduceMax(g, shares_MC, [1])));
    return { logSum, mean: differentiated ? ops.matMul(g, shares_MC, rows_CD) : undefined };
  });
  const highest = parts.slice(1).reduce((most, { logSum }) => ops.max(g, most, logSum), parts[0]!.logSum);
  const sizes = parts.map(({ logSum }) => ops.exp(g, ops.sub(g, logSum, highest)));
  const total = ops.sum(g, ...sizes);
  const own_MD = ops.gather(g, head, targets);
  const logit = ops.reduceSum(g, ops.mul(g, normal, own_MD), [1]);
  const value = ops.squeeze(g, ops.sub(g, logit, ops.add(g, highest, ops.log(g, total))), [1]);
  if (!differentiated) return value;
  const mean_MD = ops.sum(g, ...parts.map(({ mean }, n) => ops.mul(g, mean!, ops.div(g, sizes[n]!, total))));
  const slope_MD = ops.stopGradient(g, ops.sub(g, own_MD, mean_MD));
  const nothing_MD = ops.sub(g, normal, ops.stopGradient(g, normal));
  const linear = ops.squeeze(g, ops.reduceSum(g, ops.mul(g, nothing_MD, slope_MD), [1]), [1]);
  return ops.add(g, ops.stopGradient(g, value), linear);
}
