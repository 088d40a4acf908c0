// B batch · H query heads · K key heads · G = H / K queries that share a key head · S positions · P past positions · E head size
import { type GraphBuilder, ops, staticShape, type Tensor } from "@mede2/onnx";

/** Rows [B·S, heads·E] as heads [B, heads, S, E]. With `batch` "rows" each row is a sequence of its own, S = 1, and their number may be a symbol. */
export function splitHeads(
  g: GraphBuilder,
  x: Tensor,
  batch: number | "rows",
  heads: number,
  size: number,
): Tensor {
  if (batch === "rows") return ops.reshape(g, x, [0, heads, 1, size]);
  return ops.transpose(g, ops.reshape(g, x, [batch, -1, heads, size]), [0, 2, 1, 3]);
}

/** Heads [B, heads, S, E] as rows [B·S, heads·E]. */
export function joinHeads(g: GraphBuilder, x_BHSE: Tensor): Tensor {
  const [, heads, , size] = staticShape(x_BHSE);
  return ops.reshape(g, ops.transpose(g, x_BHSE, [0, 2, 1, 3]), [-1, heads! * size!]);
}

/**
 * softmax(q · kᵀ / √E + bias) · v with grouped heads (GQA, arXiv 2305.13245): [B, H, S, E] × [B, K, T, E] → [B, H, S, E].
 * `bias` is added to the scores, broadcast to [B, K, G, S, T]: 0 where a position may be seen, a large negative number where not.
 */
export function attention(
  g: GraphBuilder,
  q_BHSE: Tensor,
  k_BKTE: Tensor,
  v_BKTE: Tensor,
  bias?: Tensor,
): Tensor {
  const [batch, heads, length, size] = staticShape(q_BHSE) as [number, number, number, number];
  const [, keyHeads, keys] = staticShape(k_BKTE) as [number, number, number];
  const groups = heads / keyHeads;
  const q = ops.reshape(g, q_BHSE, [batch, keyHeads, groups * length, size]);
  // T numbers for each query, made of E: much memory for little work
  const shares = g.cheap(() => {
    const scores = ops.fusedMatMul(g, q, k_BKTE, { transB: true, alpha: 1 / Math.sqrt(size) });
    const biased =
      bias === undefined
        ? scores
        : ops.add(g, ops.reshape(g, scores, [batch, keyHeads, groups, length, keys]), bias);
    return ops.reshape(g, ops.softmax(g, biased), [batch, keyHeads, groups * length, keys]);
  });
  return ops.reshape(g, ops.matMul(g, shares, v_BKTE), [batch, heads, length, size]);
}

/** [S, S] bias that hides later positions. */
export function causalBias(g: GraphBuilder, length: number): Tensor {
  const values = Array.from({ length: length * length }, (_, at) =>
    at % length > Math.floor(at / length) ? -1e9 : 0,
  );
  return g.constant("float32", [length, length], values);
}
