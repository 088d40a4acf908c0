import type { GraphBuilder } from "../builder.ts";
import { GraphError } from "../graph-error.ts";
import type { Node } from "../ir/graph.ts";
import { isOpName } from "../op-names.ts";
import { plainAttributes } from "../plain-attributes.ts";

/**
 * Recomputation of marked segments (arXiv 1604.06174). Returns, for each node, how its rule names forward values: unchanged, or — inside a segment —
 * the copy that was built in the backward pass. A segment's copy is emitted when the backward pass first enters it.
 * A runtime with common-subexpression elimination would merge the copies back: run such graphs with graph optimisation disabled.
 */
export function segmentReplayer(
  g: GraphBuilder,
  forward: readonly Node[],
  kept: ReadonlySet<string>,
): (node: Node) => (name: string) => string {
  const copies = new Map<number, Map<string, string>>();
  const unchanged = (name: string) => name;
  return (node) => {
    const segment = g.segments.get(node);
    if (segment === undefined) return unchanged;
    let names = copies.get(segment);
    if (names === undefined) {
      names = replay(
        g,
        forward.filter((each) => g.segments.get(each) === segment),
        kept,
      );
      copies.set(segment, names);
    }
    const copied = names;
    return (name) => copied.get(name) ?? name;
  };
}

function replay(g: GraphBuilder, nodes: readonly Node[], kept: ReadonlySet<string>): Map<string, string> {
  const names = new Map<string, string>();
  for (const node of nodes) {
    const op = node.op;
    if (!isOpName(op)) throw new GraphError("no-rule", `${op} (${node.name}) cannot be recomputed`);
    const inputs = node.inputs.map((name) => (name === "" ? undefined : g.tensor(names.get(name) ?? name)));
    const outputs = g.scope("recompute", () => g.emit(op, inputs, plainAttributes(node.attributes)));
    outputs.forEach((output, index) => {
      const name = node.outputs[index]!;
      if (!kept.has(name)) names.set(name, output.name);
    });
  }
  return names;
}
