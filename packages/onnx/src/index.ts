export type { AttributeValue } from "./attribute-value.ts";
export { GraphBuilder, opsets } from "./builder.ts";
export { decodeModel } from "./codec/decode-model.ts";
export { decodeTensor } from "./codec/decode-tensor.ts";
export { encodeModel } from "./codec/encode-model.ts";
export { encodeTensor } from "./codec/encode-tensor.ts";
export { type ExternalPlace, externalInitializer } from "./codec/external-data.ts";
export { GraphError } from "./graph-error.ts";
export { checkGraph, checkModel, type GraphProblem, graphProblems } from "./ir/check.ts";
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
export { DTYPE_CODES } from "./ir/dtype-codes.ts";
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
export {
  type Condition,
  checkShapes,
  inferTypes,
  nameOutputs,
  ownNormStatistics,
  type Pass,
  removeDeadNodes,
  removeIdentities,
  runPasses,
  shareConstants,
  sortNodes,
  wellFormed,
  wellFormedUnordered,
} from "./passes/index.ts";
export { type Rewritten, rewrite } from "./rewrite.ts";
export { printGraph, printModel } from "./text/print.ts";
