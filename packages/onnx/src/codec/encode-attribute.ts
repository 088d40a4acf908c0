import type { Attribute, Graph } from "../ir/graph.ts";
import { ATTRIBUTE_CODES, ATTRIBUTE_FIELDS } from "./attribute-codes.ts";
import { encodeSparseTensor, encodeTensorInto } from "./encode-tensor.ts";
import { encodeType } from "./encode-type.ts";
import type { WireWriter } from "./wire-writer.ts";

type GraphEncoder = (out: WireWriter, graph: Graph) => void;

/** AttributeProto. `encodeGraph` writes the graphs in it. */
export function encodeAttribute(
  out: WireWriter,
  name: string,
  attribute: Attribute,
  encodeGraph: GraphEncoder,
): void {
  out.string(1, name);
  encodeValue(out, attribute, encodeGraph);
  out.optionalString(13, attribute.doc);
  const { type } = attribute;
  out.int(20, ATTRIBUTE_CODES[type === "reference" ? attribute.of : type]);
  if (type === "reference") out.string(21, attribute.name);
}

function encodeValue(out: WireWriter, attribute: Attribute, encodeGraph: GraphEncoder): void {
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
