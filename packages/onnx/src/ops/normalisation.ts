import type { GraphBuilder } from "../builder.ts";
import type { Tensor } from "../ir/types.ts";

export function softmax(g: GraphBuilder, x: Tensor, axis = -1): Tensor {
  return g.emit("Softmax", [x], { axis })[0]!;
}

export function logSoftmax(g: GraphBuilder, x: Tensor, axis = -1): Tensor {
  return g.emit("LogSoftmax", [x], { axis })[0]!;
}

/** Root-mean-square norm over the last axis: scale · x / sqrt(mean(x²) + epsilon) (arXiv 1910.07467). `scale` [last axis]. */
export function rmsNorm(g: GraphBuilder, x: Tensor, scale: Tensor, epsilon: number): Tensor {
  return g.emit("SimplifiedLayerNormalization", [x, scale], {
    axis: -1,
    epsilon: { float: epsilon },
    stash_type: 1,
  })[0]!;
}

/** Layer norm over the last axis (arXiv 1607.06450). `scale` and `bias` [last axis]. */
export function layerNorm(g: GraphBuilder, x: Tensor, scale: Tensor, bias: Tensor, epsilon: number): Tensor {
  return g.emit("LayerNormalization", [x, scale, bias], {
    axis: -1,
    epsilon: { float: epsilon },
    stash_type: 1,
  })[0]!;
}

/**
 * Rotates pairs (i, i + H/2) of the last axis of `x` [batch, heads, sequence, H] (arXiv 2104.09864, in the half-split form of GPT-NeoX).
 * `cosines` and `sines` [rows, H/2]; `rows` int64 [batch, sequence] names the row of each token.
 */
export function rotaryEmbedding(
  g: GraphBuilder,
  x: Tensor,
  rows: Tensor,
  cosines: Tensor,
  sines: Tensor,
): Tensor {
  return g.emit("RotaryEmbedding", [x, rows, cosines, sines], { interleaved: 0 })[0]!;
}
