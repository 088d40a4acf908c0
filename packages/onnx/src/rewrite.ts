import type { AttributeValue } from "./attribute-value.ts";
import { GraphBuilder } from "./builder.ts";
import { GraphError } from "./graph-error.ts";
import type { Node } from "./ir/graph.ts";
import type { Tensor } from "./ir/types.ts";
import { isOpName } from "./op-names.ts";
import { plainAttributes } from "./plain-attributes.ts";

export type Rewritten = {
  readonly g: GraphBuilder;
  /** The value that stands for a value of the old graph. */
  readonly of: (tensor: Tensor) => Tensor;
};

/**
 * Builds a graph anew, node by node. `replace` may return a value that takes the place of a node's first output: it is called with the copy of the
 * node's output, its operands and attributes, in the new graph. Marks for recomputation and stopped gradients are kept.
 */
export function rewrite(
  old: GraphBuilder,
  replace: (context: {
    readonly g: GraphBuilder;
    readonly node: Node;
    readonly inputs: readonly (Tensor | undefined)[];
    readonly attributes: Readonly<Record<string, AttributeValue>>;
    readonly output: Tensor;
  }) => Tensor | undefined,
): Rewritten {
  const g = new GraphBuilder(old.name);
  const values = new Map<string, Tensor>();
  for (const input of old.inputs) values.set(input.name, g.input(input.name, input.dtype, input.shape));
  for (const segment of old.cheapSegments) g.cheapSegments.add(segment);
  for (const [name, data] of old.initializers) values.set(name, g.initializer(name, data));
  const of = (name: string): Tensor => {
    const value = values.get(name);
    if (value === undefined) throw new GraphError("unknown-value", `${name} is used before it is made`);
    return value;
  };
  for (const node of old.nodes) {
    if (!isOpName(node.op))
      throw new GraphError("unknown-op", `${node.op} (${node.name}) cannot be rewritten`);
    const inputs = node.inputs.map((name) => (name === "" ? undefined : of(name)));
    const attributes = plainAttributes(node.attributes);
    const op = node.op;
    const build = (): Tensor => {
      const outputs = g.emit(op, inputs, attributes, node.outputs);
      outputs.forEach((output) => {
        values.set(output.name, output);
        if (old.stopped.has(output.name)) g.stopped.add(output.name);
      });
      return replace({ g, node, inputs, attributes, output: outputs[0]! }) ?? outputs[0]!;
    };
    const segment = old.segments.get(node);
    values.set(node.outputs[0]!, segment === undefined ? build() : g.inSegment(segment, build));
  }
  return { g, of: (tensor) => of(tensor.name) };
}
