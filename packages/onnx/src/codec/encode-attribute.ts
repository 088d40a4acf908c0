import type { Attribute } from "../ir/graph.ts";
import { encodeGraph } from "./encode-graph.ts";
import { encodeSparseTensor, encodeTensorInto } from "./encode-tensor.ts";
import { encodeType } from "./encode-type.ts";
import type { WireWriter } from "./wire-writer.ts";

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

/** AttributeProto. */
export function encodeAttribute(out: WireWriter, name: string, attribute: Attribute): void {
  out.string(1, name);
  encodeValue(out, attribute);
  out.optionalString(13, attribute.doc);
  const { type } = attribute;
  out.int(20, ATTRIBUTE_CODES[type === "reference" ? attribute.of : type]);
  if (type === "reference") out.string(21, attribute.name);
}

function encodeValue(out: WireWriter, attribute: Attribute): void {
  if (attribute.type === "reference") return;
  const field = ATTRIBUTE_FIELDS[attribute.type];
  switch (attribute.type) {
    case "float":
      out.float(field, attribute.value);
      break;
    case "int":
      out.int(field, attribute.value);
      break;
    case "string":
      encodeString(out, field, attribute.value);
      break;
    case "tensor":
      out.message(field, (body) => encodeTensorInto(body, attribute.value));
      break;
    case "graph":
      out.message(field, (body) => encodeGraph(body, attribute.value));
      break;
    case "sparse-tensor":
      out.message(field, (body) => encodeSparseTensor(body, attribute.value));
      break;
    case "type":
      out.message(field, (body) => encodeType(body, attribute.value));
      break;
    case "floats":
      for (const value of attribute.value) out.float(field, value);
      break;
    case "ints":
      for (const value of attribute.value) out.int(field, value);
      break;
    case "strings":
      for (const value of attribute.value) encodeString(out, field, value);
      break;
    case "tensors":
      for (const value of attribute.value) out.message(field, (body) => encodeTensorInto(body, value));
      break;
    case "graphs":
      for (const value of attribute.value) out.message(field, (body) => encodeGraph(body, value));
      break;
    case "sparse-tensors":
      for (const value of attribute.value) out.message(field, (body) => encodeSparseTensor(body, value));
      break;
    case "types":
      for (const value of attribute.value) out.message(field, (body) => encodeType(body, value));
      break;
  }
}

function encodeString(out: WireWriter, field: number, value: Uint8Array | string): void {
  if (typeof value === "string") out.string(field, value);
  else out.bytes(field, value);
}
