import type { FunctionBody, Model } from "../ir/graph.ts";
import { encodeAttribute } from "./encode-attribute.ts";
import { encodeEntries, encodeOpsets } from "./encode-entries.ts";
import { encodeGraph, encodeNode } from "./encode-graph.ts";
import { encodeValueInfo } from "./encode-type.ts";
import { WireWriter } from "./wire-writer.ts";

/**
 * The bytes of an `.onnx` file (ModelProto, onnx.proto).
 *
 * @throws GraphError `too-large` beyond 2 GiB, `invalid-graph` where a tensor's bytes do not fit its type.
 */
export function encodeModel(model: Model): Uint8Array {
  const out = new WireWriter();
  out.int(1, model.irVersion);
  out.optionalString(2, model.producer?.name);
  out.optionalString(3, model.producer?.version);
  out.optionalString(4, model.domain);
  if (model.modelVersion !== undefined) out.int(5, model.modelVersion);
  out.optionalString(6, model.doc);
  out.message(7, (body) => encodeGraph(body, model.graph));
  encodeOpsets(out, 8, model.opsets);
  encodeEntries(out, 14, model.metadata);
  for (const body of model.functions) out.message(25, (entry) => encodeFunction(entry, body));
  out.raw(model.extra);
  return out.finish();
}

/** FunctionProto. */
function encodeFunction(out: WireWriter, body: FunctionBody): void {
  out.string(1, body.name);
  for (const name of body.inputs) out.string(4, name);
  for (const name of body.outputs) out.string(5, name);
  for (const name of body.attributes) out.string(6, name);
  for (const node of body.nodes) out.message(7, (entry) => encodeNode(entry, node));
  out.optionalString(8, body.doc);
  encodeOpsets(out, 9, body.opsets);
  out.optionalString(10, body.domain);
  for (const [name, attribute] of body.attributeDefaults)
    out.message(11, (entry) => encodeAttribute(entry, name, attribute, encodeGraph));
  for (const value of body.values.values()) out.message(12, (entry) => encodeValueInfo(entry, value));
  out.optionalString(13, body.overload);
  encodeEntries(out, 14, body.metadata);
  out.raw(body.extra);
}
