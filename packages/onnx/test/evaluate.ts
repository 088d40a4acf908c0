import { fromBytes, isArrayDType } from "../src/ir/dtype.ts";
import type { Graph, Node, TensorData } from "../src/ir/graph.ts";
import { isOpName, opDomains } from "../src/op-names.ts";
import { kernels } from "./kernels/index.ts";
import { type Attributes, type Value, value } from "./kernels/value.ts";

/** Runs `graph` in float64 by naive loops: slow, short, and independent of any runtime. Returns every value by its name. */
export function evaluate(graph: Graph, feeds: ReadonlyMap<string, Value>): Map<string, Value> {
  const values = new Map<string, Value>();
  for (const [name, tensor] of graph.initializers) values.set(name, tensorValue(tensor));
  for (const [name, feed] of feeds) values.set(name, feed);
  for (const { name } of graph.inputs)
    if (!values.has(name)) throw new RangeError(`no value for the input ${name}`);
  for (const node of graph.nodes) {
    if (!isOpName(node.op) || (opDomains[node.op] ?? "") !== node.domain)
      throw new RangeError(`the evaluator has no ${node.op} of "${node.domain}"`);
    const inputs = node.inputs.map((name) => (name === "" ? undefined : lookUp(values, name, node)));
    const outputs = kernels[node.op](inputs, attributesOf(node));
    for (const [index, name] of node.outputs.entries()) {
      const output = outputs[index];
      if (output === undefined) throw new RangeError(`${node.op} has no output ${index}`);
      if (name !== "") values.set(name, output);
    }
  }
  return values;
}

function lookUp(values: ReadonlyMap<string, Value>, name: string, node: Node): Value {
  const found = values.get(name);
  if (found === undefined) throw new RangeError(`${node.op} ${node.name} uses ${name} before it is there`);
  return found;
}

/** A constant as the evaluator holds it. */
export function tensorValue(tensor: TensorData): Value {
  const { dtype, shape, storage } = tensor;
  if (storage.kind !== "bytes" || !isArrayDType(dtype) || dtype === "float16" || dtype === "bfloat16")
    throw new RangeError(`the evaluator cannot read ${dtype} from ${storage.kind}`);
  return value(dtype, shape, fromBytes(dtype, storage.bytes));
}

function attributesOf(node: Node): Attributes {
  const find = (name: string, type: string): unknown => {
    const attribute = node.attributes.get(name);
    if (attribute === undefined) return undefined;
    if (attribute.type !== type)
      throw new TypeError(`${node.op}.${name} is ${attribute.type} instead of ${type}`);
    return "value" in attribute ? attribute.value : undefined;
  };
  return {
    int: (name, fallback) => Number(find(name, "int") ?? fallback),
    float: (name, fallback) => Number(find(name, "float") ?? fallback),
    ints: (name) => (find(name, "ints") as readonly (number | bigint)[] | undefined)?.map(Number),
    string: (name, fallback) => String(find(name, "string") ?? fallback),
  };
}
