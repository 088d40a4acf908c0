import type { GraphBuilder } from "../builder.ts";
import { GraphError } from "../graph-error.ts";
import type { Attribute, Node } from "../ir/graph.ts";
import type { Tensor } from "../ir/types.ts";

/** What a gradient rule sees. In a recomputed segment `input` and `output` are the recomputed values. */
export interface RuleContext {
  readonly g: GraphBuilder;
  readonly node: Node;
  readonly input: (index: number) => Tensor;
  readonly output: (index: number) => Tensor;
  readonly attribute: (name: string) => Attribute | undefined;
  readonly int: (name: string, fallback: number) => number;
  readonly float: (name: string, fallback: number) => number;
}

/**
 * Gradients of a node: for each input, a function that appends its vector-Jacobian product to the graph, or `undefined` if the input has none
 * (an index, a shape). Only the functions of inputs that need a gradient are called, so frozen weights cost nothing. A gradient may keep the
 * broadcast shape of the output: the engine sums it back. `dy` is the gradient of output 0.
 */
export type GradientRule = (context: RuleContext, dy: Tensor) => readonly ((() => Tensor) | undefined)[];

/** An op through which no gradient flows, and why. */
export interface NoGradient {
  readonly none: string;
}

export function ruleContext(g: GraphBuilder, node: Node, rename: (name: string) => string): RuleContext {
  const attribute = (name: string) => node.attributes.get(name);
  const number = (name: string, type: "int" | "float", fallback: number): number => {
    const found = attribute(name);
    if (found === undefined) return fallback;
    if (found.type !== type)
      throw new GraphError("attribute", `${node.op} ${node.name}: ${name} is not of type ${type}`);
    return Number(found.value);
  };
  return {
    g,
    node,
    input: (index) => g.tensor(rename(node.inputs[index] ?? "")),
    output: (index) => g.tensor(rename(node.outputs[index] ?? "")),
    attribute,
    int: (name, fallback) => number(name, "int", fallback),
    float: (name, fallback) => number(name, "float", fallback),
  };
}
