/**
 * Half-width floats. F16 is IEEE 754 binary16, BF16 the upper half of binary32; rounding is to nearest, ties to even,
 * as in PyTorch and numpy.
 */

import { SafetensorsError } from "./safetensors-error.ts";
import type { SafeTensor } from "./safetensors-file.ts";

/** Any real-valued tensor as float32: a view for F32, converted for F64, F16, BF16 and the integers up to 32 bits. */
export function toFloat32(
  tensor: Pick<SafeTensor, "dtype" | "data"> & { name?: string },
): Float32Array<ArrayBuffer> {
  const { dtype, data } = tensor;
  if (data instanceof Float32Array) return data;
  if (dtype === "F16") return widenFloat16(data as Uint16Array);
  if (dtype === "BF16") return widenBfloat16(data as Uint16Array);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array || dtype.startsWith("F8"))
    throw new SafetensorsError(
      "SAFETENSORS_DTYPE_UNSUPPORTED",
      `tensor ${JSON.stringify(tensor.name ?? "")} of dtype ${dtype} cannot become float32; read its raw elements from data.`,
    );
  return Float32Array.from(data);
}

/** Float32 values as F16 or BF16 bit patterns. Values too large for F16 become infinity. */
export function fromFloat32(values: Float32Array, dtype: "F16" | "BF16"): Uint16Array<ArrayBuffer> {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const out = new Uint16Array(values.length);
  if (dtype === "BF16")
    for (let index = 0; index < out.length; index++) out[index] = toBfloat16(bits[index]!);
  else for (let index = 0; index < out.length; index++) out[index] = toFloat16(bits[index]!);
  return out;
}

function widenBfloat16(source: Uint16Array): Float32Array<ArrayBuffer> {
  const bits = new Uint32Array(source.length);
  for (let index = 0; index < bits.length; index++) bits[index] = source[index]! << 16;
  return new Float32Array(bits.buffer);
}

let float16Table: Uint32Array | null = null; // 256 KiB, made at the first use

function widenFloat16(source: Uint16Array): Float32Array<ArrayBuffer> {
  float16Table ??= Uint32Array.from({ length: 65536 }, (_, half) => float16Bits(half));
  const bits = new Uint32Array(source.length);
  for (let index = 0; index < bits.length; index++) bits[index] = float16Table[source[index]!]!;
  return new Float32Array(bits.buffer);
}

/** Bits of binary32 for the bits of binary16. */
function float16Bits(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 31) return sign | 0x7f800000 | (fraction << 13);
  if (exponent !== 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  if (fraction === 0) return sign;
  const shift = Math.clz32(fraction) - 21; // subnormal: bring the leading one to bit 10
  return sign | ((113 - shift) << 23) | (((fraction << shift) & 1023) << 13);
}

function toBfloat16(bits: number): number {
  if ((bits & 0x7fffffff) > 0x7f800000) return (bits >>> 16) | 0x40; // stays NaN
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

function toFloat16(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const exponent = (bits >>> 23) & 255;
  const fraction = bits & 0x7fffff;
  if (exponent === 255) return sign | 0x7c00 | (fraction === 0 ? 0 : 0x200 | (fraction >> 13));
  const unbiased = exponent - 112;
  if (unbiased >= 31) return sign | 0x7c00;
  if (unbiased < -10) return sign;
  const [mantissa, shift] = unbiased > 0 ? [fraction, 13] : [fraction | 0x800000, 14 - unbiased];
  const kept = (Math.max(unbiased, 0) << 10) + (mantissa >>> shift);
  const rest = mantissa & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return sign | (kept + (rest > half || (rest === half && (kept & 1) === 1) ? 1 : 0));
}
