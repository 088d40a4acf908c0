import type { Graph, Node } from "../ir/graph.ts";
import { encodeAttribute } from "./encode-attribute.ts";
import { encodeEntries } from "./encode-entries.ts";
import { encodeSparseTensor, encodeTensorInto } from "./encode-tensor.ts";
import { encodeValueInfo } from "./encode-type.ts";
import type { WireWriter } from "./wire-writer.ts";

/** NodeProto. Absent inputs and outputs are written as empty names. */
export function encodeNode(out: WireWriter, node: Node): void {
  for (const name of node.inputs) out.string(1, name);
  for (const name of node.outputs) out.string(2, name);
  out.optionalString(3, node.name);
  out.optionalString(4, node.op);
  for (const [name, attribute] of node.attributes)
    out.message(5, (body) => encodeAttribute(body, name, attribute, encodeGraph));
  out.optionalString(6, node.doc);
  out.optionalString(7, node.domain);
  out.optionalString(8, node.overload);
  encodeEntries(out, 9, node.metadata);
  out.raw(node.extra);
}

/** GraphProto. */
export function encodeGraph(out: WireWriter, graph: Graph): void {
  for (const node of graph.nodes) out.message(1, (body) => encodeNode(body, node));
  out.optionalString(2, graph.name);
  for (const [name, tensor] of graph.initializers)
    out.message(5, (body) => encodeTensorInto(body, tensor, name));
  out.optionalString(10, graph.doc);
  for (const value of graph.inputs) out.message(11, (body) => encodeValueInfo(body, value));
  for (const value of graph.outputs) out.message(12, (body) => encodeValueInfo(body, value));
  for (const value of graph.values.values()) out.message(13, (body) => encodeValueInfo(body, value));
  for (const { tensor, parameters } of graph.quantization ?? [])
    out.message(14, (body) => {
      body.string(1, tensor);
      encodeEntries(body, 2, parameters);
    });
  for (const tensor of graph.sparseInitializers ?? [])
    out.message(15, (body) => encodeSparseTensor(body, tensor));
  encodeEntries(out, 16, graph.metadata);
  out.raw(graph.extra);
}
