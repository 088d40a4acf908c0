import type { Attribute } from "../ir/graph.ts";

type PlainType = Exclude<Attribute["type"], "reference">;

/** Number of each attribute type in the file format (onnx.proto, AttributeProto.AttributeType). */
export const ATTRIBUTE_CODES: Readonly<Record<PlainType, number>> = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
  tensors: 9,
  graphs: 10,
  "sparse-tensor": 11,
  "sparse-tensors": 12,
  type: 13,
  types: 14,
};

/** Field of AttributeProto that holds the value of each type. */
export const ATTRIBUTE_FIELDS: Readonly<Record<PlainType, number>> = {
  float: 2,
  int: 3,
  string: 4,
  tensor: 5,
  graph: 6,
  floats: 7,
  ints: 8,
  strings: 9,
  tensors: 10,
  graphs: 11,
  type: 14,
  types: 15,
  "sparse-tensor": 22,
  "sparse-tensors": 23,
};
