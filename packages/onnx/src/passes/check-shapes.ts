import { GraphError } from "../graph-error.ts";
import { fromBytes, isArrayDType } from "../ir/dtype.ts";
import type { Graph, Model, Node, ValueInfo } from "../ir/graph.ts";
import type { DType, Shape, Tensor } from "../ir/types.ts";
import { describeNode } from "../ir/uses.ts";
import { isOpName, opDomains } from "../op-names.ts";
import { plainAttributes } from "../plain-attributes.ts";
import { shapeRules } from "../shape-rules/index.ts";
import { type Condition, type Pass, wellFormed } from "./pass.ts";

const FIRST_OPSET = 18; // since then the axes of reductions and of Pad are operands

const knownOpset: Condition = {
  name: "of an operator set whose shape rules are known",
  broken: ({ opsets }) => {
    const version = opsets.get("") ?? opsets.get("ai.onnx") ?? 0;
    return version >= FIRST_OPSET
      ? undefined
      : `it is of version ${version}; the rules are those of ${FIRST_OPSET} and later`;
  },
};

/**
 * Infers the type of every value by the shape rules of the builder and compares it with what the graph declares. The types
 * that were inferred become `values` of the graph. Nodes that the builder cannot make are believed.
 */
export const checkShapes: Pass = {
  name: "check shapes",
  before: [wellFormed, knownOpset],
  after: [wellFormed],
  run: (model) => ({ ...model, graph: withTypes(model) }),
};

/** The types of all values that are known, by name. */
export function inferTypes({ graph }: Model): Map<string, Tensor> {
  const declared = new Map(
    [...graph.values.values(), ...graph.inputs, ...graph.outputs].map((v) => [v.name, v]),
  );
  const known = new Map<string, Tensor>();
  for (const input of graph.inputs) note(known, input);
  for (const [name, { dtype, shape }] of graph.initializers) known.set(name, { name, dtype, shape });
  for (const node of graph.nodes) {
    const inferred = inferNode(graph, node, known);
    for (const [index, name] of node.outputs.entries()) {
      const type = inferred?.[index];
      const own = declared.get(name);
      if (type === undefined) {
        if (own !== undefined) note(known, own);
        continue;
      }
      if (own !== undefined) demandSame(node, own, type);
      known.set(name, { name, ...type });
    }
  }
  return known;
}

function note(known: Map<string, Tensor>, { name, type }: ValueInfo): void {
  if (type?.kind === "tensor" && type.shape !== undefined)
    known.set(name, { name, dtype: type.dtype, shape: type.shape });
}

/** Output types of a node, or undefined where a rule or an operand is not known. */
function inferNode(
  graph: Graph,
  node: Node,
  known: ReadonlyMap<string, Tensor>,
): readonly { readonly dtype: DType; readonly shape: Shape }[] | undefined {
  if (!isOpName(node.op) || (opDomains[node.op] ?? "") !== node.domain) return undefined;
  const inputs = node.inputs.map((name) => (name === "" ? undefined : known.get(name)));
  if (
    inputs.some(
      (input, index) => node.inputs[index] !== "" && (input === undefined || input.shape.includes(null)),
    )
  )
    return undefined;
  try {
    return shapeRules[node.op]({
      inputs,
      attributes: plainAttributes(node.attributes),
      constantValues: (name) => constantValues(graph, name),
    });
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
    if (error.code === "not-constant") return undefined;
    throw new GraphError(error.code, `${describeNode(node)}: ${error.message}`);
  }
}

function constantValues(graph: Graph, name: string): number[] {
  const tensor = graph.initializers.get(name);
  if (tensor?.storage.kind === "bytes" && isArrayDType(tensor.dtype))
    return fromBytes(tensor.dtype, tensor.storage.bytes);
  throw new GraphError("not-constant", `${name} is not a constant`);
}

function demandSame(
  node: Node,
  declared: ValueInfo,
  inferred: { readonly dtype: DType; readonly shape: Shape },
): void {
  const { type } = declared;
  if (type === undefined) return;
  const fits =
    type.kind === "tensor" &&
    type.dtype === inferred.dtype &&
    (type.shape === undefined ||
      (type.shape.length === inferred.shape.length &&
        type.shape.every((dim, axis) => dimsFit(dim, inferred.shape[axis]!))));
  if (fits) return;
  const said = type.kind === "tensor" ? `${type.dtype}[${type.shape?.join(", ") ?? "…"}]` : type.kind;
  throw new GraphError(
    "shape",
    `${describeNode(node)} makes "${declared.name}" of ${inferred.dtype}[${inferred.shape.join(", ")}], which is declared as ${said}`,
  );
}

/** Two sizes that contradict each other are both numbers. */
function dimsFit(a: Shape[number], b: Shape[number]): boolean {
  return a === b || typeof a !== "number" || typeof b !== "number";
}

function withTypes(model: Model): Graph {
  const { graph } = model;
  const elsewhere = new Set([...graph.inputs, ...graph.outputs].map((value) => value.name));
  const values = new Map(graph.values);
  for (const [name, { dtype, shape }] of inferTypes(model)) {
    if (elsewhere.has(name) || graph.initializers.has(name)) continue;
    values.set(name, { ...values.get(name), name, type: { kind: "tensor", dtype, shape } });
  }
  return { ...graph, values };
}
