import type { Attribute, Graph, Node, SparseTensorData, TensorData, ValueInfo } from "../ir/graph.ts";
import { decodeAttribute } from "./decode-attribute.ts";
import { Common, decodeEntry } from "./decode-entries.ts";
import { decodeSparseTensor, decodeTensorFrom } from "./decode-tensor.ts";
import { decodeValueInfo } from "./decode-type.ts";
import type { WireReader } from "./wire-reader.ts";

/** NodeProto. */
export function decodeNode(reader: WireReader): Node {
  const common = new Common();
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes = new Map<string, Attribute>();
  let name = "";
  let op = "";
  let domain = "";
  let overload = "";
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        inputs.push(reader.string());
        break;
      case 2:
        outputs.push(reader.string());
        break;
      case 3:
        name = reader.string();
        break;
      case 4:
        op = reader.string();
        break;
      case 5:
        addAttribute(reader, attributes);
        break;
      case 6:
        common.doc = reader.string();
        break;
      case 7:
        domain = reader.string();
        break;
      case 8:
        overload = reader.string();
        break;
      case 9:
        common.entry(reader);
        break;
      default:
        common.keep(reader);
    }
  }
  return {
    op,
    domain,
    name,
    inputs,
    outputs,
    attributes,
    ...(overload === "" ? {} : { overload }),
    ...common.fields,
  };
}

/** Adds the attribute in the field at hand; a name may appear once. */
export function addAttribute(reader: WireReader, attributes: Map<string, Attribute>): void {
  const [name, attribute] = reader.message(`attribute[${attributes.size}]`, (body) =>
    decodeAttribute(body, decodeGraph),
  );
  if (attributes.has(name)) reader.fail(`the attribute "${name}" appears twice`);
  attributes.set(name, attribute);
}

/** Adds the type of an intermediate value; a name may appear once. */
export function addValue(reader: WireReader, values: Map<string, ValueInfo>): void {
  const value = reader.message(`value_info[${values.size}]`, decodeValueInfo);
  if (values.has(value.name)) reader.fail(`the value "${value.name}" is described twice`);
  values.set(value.name, value);
}

/** GraphProto. */
export function decodeGraph(reader: WireReader): Graph {
  const common = new Common();
  const nodes: Node[] = [];
  const inputs: ValueInfo[] = [];
  const outputs: ValueInfo[] = [];
  const initializers = new Map<string, TensorData>();
  const sparseInitializers: SparseTensorData[] = [];
  const values = new Map<string, ValueInfo>();
  const quantization: { readonly tensor: string; readonly parameters: ReadonlyMap<string, string> }[] = [];
  let name = "";
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        nodes.push(reader.message(`node[${nodes.length}]`, decodeNode));
        break;
      case 2:
        name = reader.string();
        break;
      case 5:
        addInitializer(reader, initializers);
        break;
      case 10:
        common.doc = reader.string();
        break;
      case 11:
        inputs.push(reader.message(`input[${inputs.length}]`, decodeValueInfo));
        break;
      case 12:
        outputs.push(reader.message(`output[${outputs.length}]`, decodeValueInfo));
        break;
      case 13:
        addValue(reader, values);
        break;
      case 14:
        quantization.push(reader.message("quantization_annotation", decodeQuantization));
        break;
      case 15:
        sparseInitializers.push(reader.message("sparse_initializer", decodeSparseTensor));
        break;
      case 16:
        common.entry(reader);
        break;
      default:
        common.keep(reader);
    }
  }
  return {
    name,
    inputs,
    outputs,
    nodes,
    initializers,
    values,
    ...(sparseInitializers.length === 0 ? {} : { sparseInitializers }),
    ...(quantization.length === 0 ? {} : { quantization }),
    ...common.fields,
  };
}

function addInitializer(reader: WireReader, initializers: Map<string, TensorData>): void {
  const tensor = reader.message(`initializer[${initializers.size}]`, decodeTensorFrom);
  const name = tensor.name ?? reader.fail("an initializer has no name");
  if (initializers.has(name)) reader.fail(`the initializer "${name}" appears twice`);
  initializers.set(name, tensor);
}

function decodeQuantization(reader: WireReader): {
  readonly tensor: string;
  readonly parameters: ReadonlyMap<string, string>;
} {
  let tensor = "";
  const parameters = new Map<string, string>();
  while (reader.next()) {
    if (reader.field === 1) tensor = reader.string();
    else if (reader.field === 2) decodeEntry(reader, "quant_parameter_tensor_names", parameters);
    else reader.unsupported(`field ${reader.field} of an annotation is unknown to this version`);
  }
  return { tensor, parameters };
}
