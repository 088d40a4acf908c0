import { GraphError } from "../graph-error.ts";
import type { Attribute, FunctionBody, Graph, Model, Node, ValueInfo } from "../ir/graph.ts";
import { Common, decodeOpset } from "./decode-entries.ts";
import { addAttribute, addValue, decodeGraph, decodeNode } from "./decode-graph.ts";
import { WireReader } from "./wire-reader.ts";
import { MAX_MESSAGE_BYTES } from "./wire-writer.ts";

/**
 * Reads an `.onnx` file (ModelProto, onnx.proto). Large tensors are views of `bytes`, not copies. Fields that the IR does
 * not model are kept verbatim in `extra` where they stand in a model, function, graph, node, value or tensor; inside
 * types, attributes and entries they are refused, for there they could change what a known field means.
 *
 * @throws GraphError `malformed-file`, `unsupported-file`, `invalid-external-data`, or `too-large`.
 */
export function decodeModel(bytes: Uint8Array, options: { readonly maxBytes?: number } = {}): Model {
  const { maxBytes = MAX_MESSAGE_BYTES } = options;
  if (bytes.length > maxBytes)
    throw new GraphError("too-large", `The model has ${bytes.length} bytes; at most ${maxBytes} are read.`);
  const reader = new WireReader(bytes, () => "ModelProto");
  const common = new Common();
  const opsets = new Map<string, number>();
  const functions: FunctionBody[] = [];
  let graph: Graph | undefined;
  let irVersion: number | undefined;
  let producerName = "";
  let producerVersion = "";
  let domain = "";
  let modelVersion: number | undefined;
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        irVersion = reader.number();
        break;
      case 2:
        producerName = reader.string();
        break;
      case 3:
        producerVersion = reader.string();
        break;
      case 4:
        domain = reader.string();
        break;
      case 5:
        modelVersion = reader.number();
        break;
      case 6:
        common.doc = reader.string();
        break;
      case 7:
        if (graph !== undefined) reader.fail("the model has two graphs");
        graph = reader.message("graph", decodeGraph);
        break;
      case 8:
        decodeOpset(reader, opsets);
        break;
      case 14:
        common.entry(reader);
        break;
      case 25:
        functions.push(reader.message(`functions[${functions.length}]`, decodeFunction));
        break;
      default:
        common.keep(reader);
    }
  }
  if (graph === undefined) return reader.fail("the model has no graph");
  if (irVersion === undefined) return reader.fail("the model has no IR version");
  const producer = {
    ...(producerName === "" ? {} : { name: producerName }),
    ...(producerVersion === "" ? {} : { version: producerVersion }),
  };
  return {
    irVersion,
    opsets,
    graph,
    functions,
    ...(Object.keys(producer).length === 0 ? {} : { producer }),
    ...(domain === "" ? {} : { domain }),
    ...(modelVersion === undefined ? {} : { modelVersion }),
    ...common.fields,
  };
}

/** FunctionProto. */
function decodeFunction(reader: WireReader): FunctionBody {
  const common = new Common();
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes: string[] = [];
  const attributeDefaults = new Map<string, Attribute>();
  const nodes: Node[] = [];
  const opsets = new Map<string, number>();
  const values = new Map<string, ValueInfo>();
  let name = "";
  let domain = "";
  let overload = "";
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        name = reader.string();
        break;
      case 4:
        inputs.push(reader.string());
        break;
      case 5:
        outputs.push(reader.string());
        break;
      case 6:
        attributes.push(reader.string());
        break;
      case 7:
        nodes.push(reader.message(`node[${nodes.length}]`, decodeNode));
        break;
      case 8:
        common.doc = reader.string();
        break;
      case 9:
        decodeOpset(reader, opsets);
        break;
      case 10:
        domain = reader.string();
        break;
      case 11:
        addAttribute(reader, attributeDefaults);
        break;
      case 12:
        addValue(reader, values);
        break;
      case 13:
        overload = reader.string();
        break;
      case 14:
        common.entry(reader);
        break;
      default:
        common.keep(reader);
    }
  }
  return {
    name,
    domain,
    ...(overload === "" ? {} : { overload }),
    inputs,
    outputs,
    attributes,
    attributeDefaults,
    nodes,
    opsets,
    values,
    ...common.fields,
  };
}
