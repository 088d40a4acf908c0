import { fromBytes, isArrayDType } from "../ir/dtype.ts";
import type { Attribute, Graph, Model, Node, TensorData, ValueInfo } from "../ir/graph.ts";
import type { Shape, ValueType } from "../ir/types.ts";
import { inferTypes } from "../passes/check-shapes.ts";

const SHOWN_ELEMENTS = 8;

/**
 * A model as stable text, for snapshots and for people: a line a constant, a line a node, each with its type. Types come
 * from the graph, and from the shape rules where it has none. Not a file format: long constants are not written out.
 */
export function printModel(model: Model): string {
  const types = new Map(
    [...inferTypes(model)].map(([name, { dtype, shape }]) => [name, typeText(dtype, shape)]),
  );
  const opsets = [...model.opsets].map(
    ([domain, version]) => `${domain === "" ? "ai.onnx" : domain} ${version}`,
  );
  const functions = model.functions.map(
    ({ name, domain, inputs, outputs, nodes }) =>
      `\nfunction ${domain}.${name}(${inputs.join(", ")}) → (${outputs.join(", ")}) {\n${nodes.map((node) => nodeLines(node, new Map(), "  ")).join("")}}\n`,
  );
  return `opsets ${opsets.join(", ")}\n${printGraph(model.graph, types)}${functions.join("")}`;
}

/** A graph as text; `types` are types of values by name, beside those that the graph declares. */
export function printGraph(
  graph: Graph,
  types: ReadonlyMap<string, string> = new Map(),
  indent = "",
): string {
  const declared = [...graph.values.values()].flatMap(({ name, type }) =>
    type === undefined ? [] : [[name, valueTypeText(type)] as const],
  );
  const known = new Map([...types, ...declared]);
  const inner = `${indent}  `;
  const list = (values: readonly ValueInfo[]) =>
    values
      .map(({ name, type }) => (type === undefined ? name : `${name}: ${valueTypeText(type)}`))
      .join(", ");
  const constants = [...graph.initializers].map(
    ([name, tensor]) => `${inner}${name} = ${tensorText(tensor)}\n`,
  );
  const nodes = graph.nodes.map((node) => nodeLines(node, known, inner));
  return `graph ${graph.name}(${list(graph.inputs)}) → (${list(graph.outputs)}) {\n${constants.join("")}${nodes.join("")}${indent}}\n`;
}

function nodeLines(node: Node, types: ReadonlyMap<string, string>, indent: string): string {
  const outputs = node.outputs.map((name) => {
    const type = types.get(name);
    return name === "" ? "_" : type === undefined ? name : `${name}: ${type}`;
  });
  const op = node.domain === "" ? node.op : `${node.domain}.${node.op}`;
  const inputs = node.inputs.map((name) => (name === "" ? "_" : name)).join(", ");
  const attributes = [...node.attributes].map(([name, value]) => `${name}=${attributeText(value, indent)}`);
  const braces = attributes.length === 0 ? "" : ` {${attributes.join(", ")}}`;
  return `${indent}${outputs.join(", ")} = ${op}(${inputs})${braces}\n`;
}

function attributeText(attribute: Attribute, indent: string): string {
  switch (attribute.type) {
    case "reference":
      return `@${attribute.name}`;
    case "tensor":
      return tensorText(attribute.value);
    case "graph":
      return printGraph(attribute.value, new Map(), indent).trimEnd();
    case "type":
      return valueTypeText(attribute.value);
    case "string":
      return stringText(attribute.value);
    case "strings":
      return `[${attribute.value.map(stringText).join(", ")}]`;
    case "floats":
      return `[${attribute.value.map(floatText).join(", ")}]`;
    case "ints":
      return `[${attribute.value.join(", ")}]`;
    case "int":
      return String(attribute.value);
    case "float":
      return floatText(attribute.value);
    default:
      return attribute.type;
  }
}

function stringText(value: Uint8Array | string): string {
  return typeof value === "string" ? JSON.stringify(value) : `${value.length} bytes`;
}

/** A float is marked as one, so that 1 and 1.0 differ. */
function floatText(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : shortest(value);
}

/** The shortest decimal that is this float32. */
function shortest(value: number): string {
  const digits = [1, 2, 3, 4, 5, 6, 7, 8].find(
    (count) => Math.fround(Number(value.toPrecision(count))) === value,
  );
  return String(digits === undefined ? value : Number(value.toPrecision(digits)));
}

function tensorText({ dtype, shape, storage }: TensorData): string {
  const type = typeText(dtype, shape);
  if (storage.kind === "external")
    return `${type} at ${storage.location}:${storage.offset ?? 0}+${storage.length ?? "…"}`;
  if (storage.kind === "strings") return `${type} of ${storage.strings.length} strings`;
  const size = shape.reduce((product, dim) => product * dim, 1);
  return isArrayDType(dtype) && size <= SHOWN_ELEMENTS
    ? `${type} {${fromBytes(dtype, storage.bytes)
        .map(dtype === "float32" ? shortest : String)
        .join(", ")}}`
    : `${type} of ${storage.bytes.length} bytes`;
}

function valueTypeText(type: ValueType): string {
  switch (type.kind) {
    case "tensor":
      return typeText(type.dtype, type.shape);
    case "sparse-tensor":
      return `sparse ${typeText(type.dtype, type.shape)}`;
    case "map":
      return `map<${type.key}, ${valueTypeText(type.value)}>`;
    default:
      return `${type.kind}<${valueTypeText(type.element)}>`;
  }
}

function typeText(dtype: string, shape: Shape | undefined): string {
  return shape === undefined ? `${dtype}[…]` : `${dtype}[${shape.map((dim) => dim ?? "?").join(", ")}]`;
}
