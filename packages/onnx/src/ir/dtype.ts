import { GraphError } from "../graph-error.ts";
import type { DType, Shape, Tensor } from "./types.ts";

/** Typed array for each element type that JavaScript can hold; 16-bit floats travel as their bits. */
const arrays = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
} as const;

export type ArrayDType = keyof typeof arrays;

/** Bytes of `values` as the elements of a tensor of `dtype`, little-endian. */
export function toBytes(dtype: ArrayDType, values: readonly number[]): Uint8Array {
  const array =
    dtype === "int64" || dtype === "uint64"
      ? arrays[dtype].from(values.map((value) => BigInt(value)))
      : arrays[dtype].from(values);
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** Elements of a dense little-endian buffer, as numbers. */
export function fromBytes(dtype: ArrayDType, bytes: Uint8Array): number[] {
  const copy = bytes.slice();
  const elements: Iterable<number | bigint> = new arrays[dtype](copy.buffer);
  return Array.from(elements, Number);
}

export function isArrayDType(dtype: DType): dtype is ArrayDType {
  return dtype in arrays;
}

export function isFloat(dtype: DType): boolean {
  return dtype.startsWith("float") || dtype === "bfloat16";
}

/** Sizes of a tensor whose dimensions are all known. */
export function staticShape(tensor: Tensor): number[] {
  return tensor.shape.map((dim) => {
    if (typeof dim === "number") return dim;
    throw new GraphError("symbolic-shape", `${describe(tensor)} needs a static shape here`);
  });
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, axis) => dim === b[axis]);
}

export function describe(tensor: Tensor): string {
  return `${tensor.name}: ${tensor.dtype}[${tensor.shape.join(", ")}]`;
}
