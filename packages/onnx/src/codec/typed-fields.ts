import { DTYPE_BITS } from "../ir/dtype-codes.ts";
import type { DType } from "../ir/types.ts";
import type { WireReader } from "./wire-reader.ts";

/** The elements of a tensor in one of the typed fields of TensorProto. */
export type TypedField =
  | { readonly field: "float_data" | "double_data"; readonly bytes: Uint8Array }
  | {
      readonly field: "int32_data" | "int64_data" | "uint64_data";
      readonly values: readonly (number | bigint)[];
    };

/** The typed field that holds the elements of each type (onnx.proto, TensorProto); all others use int32_data. */
const FIELDS: Partial<Record<DType, TypedField["field"]>> = {
  float32: "float_data",
  complex64: "float_data",
  float64: "double_data",
  complex128: "double_data",
  int64: "int64_data",
  uint32: "uint64_data",
  uint64: "uint64_data",
};

/** Dense little-endian bytes of a typed field. Elements below 8 bits are packed in the field already, a byte an entry. */
export function typedBytes(reader: WireReader, name: string, dtype: DType, typed: TypedField): Uint8Array {
  const expected = FIELDS[dtype] ?? "int32_data";
  if (typed.field !== expected)
    reader.fail(`the ${dtype} tensor "${name}" has its elements in ${typed.field} instead of ${expected}`);
  if ("bytes" in typed) return typed.bytes;
  const { values } = typed;
  const width = Math.max(1, DTYPE_BITS[dtype] / 8);
  const limit = 2 ** (8 * Math.min(width, 4));
  const bytes = new Uint8Array(values.length * width);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of values.entries()) {
    if (width === 8) view.setBigUint64(8 * index, BigInt.asUintN(64, BigInt(value)), true);
    else if (value < -limit / 2 || value >= limit)
      reader.fail(`element ${index} of the ${dtype} tensor "${name}" is ${value}`);
    else if (width === 4) view.setUint32(4 * index, Number(value) >>> 0, true);
    else if (width === 2) view.setUint16(2 * index, Number(value) & 0xffff, true);
    else view.setUint8(index, Number(value) & 0xff);
  }
  return bytes;
}
