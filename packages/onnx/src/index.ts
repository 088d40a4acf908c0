export { type AttributeValue, GraphBuilder, opsets } from "./builder.ts";
export { encodeModel } from "./codec/encode-model.ts";
export { GraphError } from "./graph-error.ts";
export {
  type ArrayDType,
  describe,
  fromBytes,
  isArrayDType,
  isFloat,
  sameShape,
  sizeOf,
  staticShape,
  toBytes,
} from "./ir/dtype.ts";
export type {
  Attribute,
  FunctionBody,
  Graph,
  Model,
  Node,
  SparseTensorData,
  TensorData,
  TensorStorage,
  ValueInfo,
} from "./ir/graph.ts";
export type { Dim, DType, Shape, Tensor, ValueType } from "./ir/types.ts";
export { isOpName, type OpName, opNames } from "./op-names.ts";
export * as ops from "./ops/index.ts";
export { type Rewritten, rewrite } from "./rewrite.ts";
