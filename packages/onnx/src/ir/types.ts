/** Element types of ONNX tensors, by the names of the specification (onnx.proto, TensorProto.DataType). */
export type DType =
  | "float32"
  | "uint8"
  | "int8"
  | "uint16"
  | "int16"
  | "int32"
  | "int64"
  | "string"
  | "bool"
  | "float16"
  | "float64"
  | "uint32"
  | "uint64"
  | "complex64"
  | "complex128"
  | "bfloat16"
  | "float8e4m3fn"
  | "float8e4m3fnuz"
  | "float8e5m2"
  | "float8e5m2fnuz"
  | "uint4"
  | "int4"
  | "float4e2m1"
  | "float8e8m0"
  | "uint2"
  | "int2";

/** A dimension: its size, a symbol that names it, or `null` where nothing is known of it. */
export type Dim = number | string | null;

/** Sizes of a tensor's dimensions, outermost first. */
export type Shape = readonly Dim[];

/**
 * What is known of a value. A tensor whose rank is unknown has no `shape`. Denotations are the specification's free
 * labels ("IMAGE", "DATA_BATCH"); `dimDenotations` has one entry a dimension, "" where there is none.
 */
export type ValueType = { readonly denotation?: string } & (
  | {
      readonly kind: "tensor" | "sparse-tensor";
      readonly dtype: DType;
      readonly shape?: Shape;
      readonly dimDenotations?: readonly string[];
    }
  | { readonly kind: "sequence"; readonly element: ValueType }
  | { readonly kind: "optional"; readonly element: ValueType }
  | { readonly kind: "map"; readonly key: DType; readonly value: ValueType }
);

/** A tensor value of a graph under construction: type and rank are always known. */
export interface Tensor {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
}
