/**
 * Element types of the safetensors format (https://github.com/huggingface/safetensors, `safetensors/src/tensor.rs`,
 * enum `Dtype`): bytes an element, the JavaScript array that holds the raw elements, and the rank by which the
 * reference writer orders tensors (descending, so wide types come first and everything stays aligned).
 */

/** Raw elements of a tensor. F16 and BF16 are bit patterns in a Uint16Array, F8 and BOOL bytes in a Uint8Array. */
export type TensorData =
  | Float64Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>
  | BigInt64Array<ArrayBuffer>
  | BigUint64Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Int8Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>;

type Row = {
  bytes: number;
  rank: number;
  array: new (buffer: ArrayBuffer, byteOffset: number, length: number) => TensorData;
};

export const dtypeTable = {
  BOOL: { bytes: 1, rank: 0, array: Uint8Array },
  U8: { bytes: 1, rank: 4, array: Uint8Array },
  I8: { bytes: 1, rank: 5, array: Int8Array },
  F8_E5M2: { bytes: 1, rank: 6, array: Uint8Array },
  F8_E4M3: { bytes: 1, rank: 7, array: Uint8Array },
  F8_E8M0: { bytes: 1, rank: 8, array: Uint8Array },
  I16: { bytes: 2, rank: 10, array: Int16Array },
  U16: { bytes: 2, rank: 11, array: Uint16Array },
  F16: { bytes: 2, rank: 12, array: Uint16Array },
  BF16: { bytes: 2, rank: 13, array: Uint16Array },
  I32: { bytes: 4, rank: 14, array: Int32Array },
  U32: { bytes: 4, rank: 15, array: Uint32Array },
  F32: { bytes: 4, rank: 16, array: Float32Array },
  F64: { bytes: 8, rank: 18, array: Float64Array },
  I64: { bytes: 8, rank: 19, array: BigInt64Array },
  U64: { bytes: 8, rank: 20, array: BigUint64Array },
} as const satisfies Record<string, Row>;

/** The dtypes that we read and write; the sub-byte and complex ones of newer files are refused by name. */
export type Dtype = keyof typeof dtypeTable;

export function isDtype(name: unknown): name is Dtype {
  return typeof name === "string" && Object.hasOwn(dtypeTable, name);
}

/** Bytes of one element. */
export function bytesPerElement(dtype: Dtype): number {
  return dtypeTable[dtype].bytes;
}

/** Product of the dimensions; 1 for a scalar (`[]`). */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((count, size) => count * size, 1);
}

/** `length` bytes of `buffer` from `offset` as elements: a view when aligned, else a copy. */
export function elementsAt(buffer: ArrayBuffer, offset: number, length: number, dtype: Dtype): TensorData {
  const { bytes, array } = dtypeTable[dtype];
  if (offset % bytes === 0) return new array(buffer, offset, length / bytes);
  return new array(buffer.slice(offset, offset + length), 0, length / bytes);
}
