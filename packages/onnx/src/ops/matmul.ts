import type { AttributeValue } from "../attribute-value.ts";
import type { GraphBuilder } from "../builder.ts";
import type { Tensor } from "../ir/types.ts";
import { cast, mul, sub } from "./elementwise.ts";
import { gather } from "./indexing.ts";
import { pad, reshape, slice } from "./layout.ts";

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

/** The sixteen values of NF4 (QLoRA, arXiv 2305.14314, appendix E). */
export const nf4Values = [
  ...([-1, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453] as const),
  ...([-0.28444138169288635, -0.18477343022823334, -0.09105003625154495, 0] as const),
  ...([0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224] as const),
  ...([0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1] as const),
] as const;

/**
 * x · Wᵀ with W in NF4: com.microsoft.MatMulBnb4, which spreads W out for the length of the product only. Of ONNX Runtime's providers only CPU and CUDA have it, and that of
 * the CPU ignores `transB`: x · W is `nf4Numbers`. [R, inputs] → [R, outputs].
 */
export function matMulNf4(g: GraphBuilder, x: Tensor, w: Matrix4Bit): Tensor {
  const { inputs: K, outputs: N, blockSize: block_size } = w;
  return g.emit("MatMulBnb4", [x, w.codes, w.scales], { K, N, block_size, quant_type: 1 })[0]!;
}

/** A matrix [outputs, inputs] in eight bits, blocks of a row with a scale each: number = (code − 128) · scale. */
export interface Matrix8Bit {
  /** uint8 [outputs, blocks, blockSize]; the last block of a row is filled up. */
  readonly codes: Tensor;
  /** float32 [outputs, blocks] */
  readonly scales: Tensor;
  readonly outputs: number;
  readonly inputs: number;
  /** A power of two from 16 on. */
  readonly blockSize: number;
}

/**
 * x · Wᵀ with W in eight bits: com.microsoft.MatMulNBits. With `fast` and codes that are constants, ONNX Runtime's CPU provider rounds x to eight bits as well, block by block, and
 * multiplies integers (accuracy level 4). [R, inputs] → [R, outputs].
 */
export function matMulInt8(g: GraphBuilder, x: Tensor, w: Matrix8Bit, fast = false): Tensor {
  const { inputs: K, outputs: N, blockSize: block_size } = w;
  const level = fast ? { accuracy_level: 4 } : {};
  return g.emit("MatMulNBits", [x, w.codes, w.scales], { K, N, bits: 8, block_size, ...level })[0]!;
}

/** The numbers of a matrix in eight bits, [outputs, inputs]. */
export function int8Numbers(
  g: GraphBuilder,
  { codes, scales, outputs, inputs, blockSize }: Matrix8Bit,
): Tensor {
  const blocks = Math.ceil(inputs / blockSize);
  const centred = sub(g, cast(g, codes, scales.dtype), 128);
  const numbers = mul(g, centred, reshape(g, scales, [outputs, blocks, 1]));
  return slice(g, reshape(g, numbers, [outputs, blocks * blockSize]), 1, 0, inputs);
}

/** The numbers of a matrix in NF4, [outputs, inputs]: both values of a byte from a table, times the scale of their block. */
export function nf4Numbers(
  g: GraphBuilder,
  { codes, scales, outputs, inputs, blockSize }: Matrix4Bit,
): Tensor {
  const table = Array.from({ length: 256 }, (_, byte) => [
    nf4Values[byte >> 4]!,
    nf4Values[byte & 15]!,
  ]).flat();
  const dtype = scales.dtype as "float32" | "float64";
  const twos = gather(g, g.constant(dtype, [256, 2], table), cast(g, codes, "int32"));
  const [count, blocks] = [outputs * inputs, scales.shape[0] as number];
  const rest = blocks * blockSize - count;
  const flat = reshape(g, twos, [count]);
  const whole = rest === 0 ? flat : pad(g, flat, [0], [rest]);
  const scaled = mul(g, reshape(g, whole, [blocks, blockSize]), reshape(g, scales, [blocks, 1]));
  const numbers = rest === 0 ? scaled : slice(g, reshape(g, scaled, [-1]), 0, 0, count);
  return reshape(g, numbers, [outputs, inputs]);
}
