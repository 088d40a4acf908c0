import type { AttributeValue } from "../attribute-value.ts";
import type { GraphBuilder } from "../builder.ts";
import type { Tensor } from "../ir/types.ts";

/** How `fusedMatMul` reads its operands. `transBatch` rotates the first axis behind the other batch axes before the product. */
export interface FusedMatMulOptions {
  readonly transA?: boolean;
  readonly transB?: boolean;
  readonly transBatchA?: boolean;
  readonly transBatchB?: boolean;
  readonly alpha?: number;
}

/** a · b over the last two axes, batch axes broadcast. */
export function matMul(g: GraphBuilder, a: Tensor, b: Tensor): Tensor {
  return g.emit("MatMul", [a, b])[0]!;
}

/** alpha · op(a) · op(b): a matrix product without separate transposes (com.microsoft.FusedMatMul). */
export function fusedMatMul(g: GraphBuilder, a: Tensor, b: Tensor, options: FusedMatMulOptions = {}): Tensor {
  const attributes: Record<string, AttributeValue> = {};
  for (const key of ["transA", "transB", "transBatchA", "transBatchB"] as const)
    if (options[key]) attributes[key] = 1;
  if (options.alpha !== undefined && options.alpha !== 1) attributes.alpha = { float: options.alpha };
  return Object.keys(attributes).length === 0
    ? matMul(g, a, b)
    : g.emit("FusedMatMul", [a, b], attributes)[0]!;
}

/** A matrix [outputs, inputs] in four bits: two codes a byte, the first in the high half, row after row, and the largest absolute value of each block of elements. */
export interface Matrix4Bit {
  /** uint8 [outputs · inputs / 2] */
  readonly codes: Tensor;
  /** float32 [outputs · inputs / blockSize] */
  readonly scales: Tensor;
  readonly outputs: number;
  readonly inputs: number;
  readonly blockSize: number;
}

/**
 * x · Wᵀ, or x · W with `transposed` false, with W in the NF4 codes of QLoRA (arXiv 2305.14314, appendix E): com.microsoft.MatMulBnb4, which spreads W out for the
 * length of the product only. Of ONNX Runtime's providers only CPU and CUDA have it. [R, inputs] → [R, outputs].
 */
export function matMulNf4(g: GraphBuilder, x: Tensor, w: Matrix4Bit, transposed = true): Tensor {
  const { inputs: K, outputs: N, blockSize: block_size } = w;
  const attributes = { K, N, block_size, quant_type: 1, training_mode: 1, transB: transposed ? 1 : 0 };
  return g.emit("MatMulBnb4", [x, w.codes, w.scales], attributes)[0]!;
}
