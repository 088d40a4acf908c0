import type { GraphBuilder } from "../builder.ts";
import { GraphError } from "../graph-error.ts";
import type { Node } from "../ir/graph.ts";
import { isOpName } from "../op-names.ts";
import { plainAttributes } from "../plain-attributes.ts";

type Rename = (name: string) => string;

/**
 * Recomputation of marked segments (arXiv 1604.06174). Returns, for each node, how its rule names forward values: unchanged, or by the copy that was built in the backward pass.
 * Values of a `recomputed` segment are copied for the nodes inside; those of a `cheap` segment, if `saveMemory`, for all, so that what such a segment makes is kept for
 * nobody. A segment's copy is emitted when the backward pass first asks for one of its values.
 * A runtime with common-subexpression elimination would merge the copies back: run such graphs with graph optimisation disabled.
 */
export function segmentReplayer(
  g: GraphBuilder,
  forward: readonly Node[],
  kept: ReadonlySet<string>,
  saveMemory: boolean,
): (node: Node) => Rename {
  const members = new Map<number, Node[]>();
  const cheapValues = new Map<string, number>();
  for (const node of forward) {
    const segment = g.segments.get(node);
    if (segment === undefined || (g.cheapSegments.has(segment) && !saveMemory)) continue;
    members.set(segment, [...(members.get(segment) ?? []), node]);
    if (g.cheapSegments.has(segment)) for (const name of node.outputs) cheapValues.set(name, segment);
  }
  const copies = new Map<number, ReadonlyMap<string, string>>();
  const cheap: Rename = (name) => {
    const segment = cheapValues.get(name);
    return segment === undefined ? name : (copy(segment).get(name) ?? name);
  };
  const copy = (segment: number): ReadonlyMap<string, string> => {
    const known = copies.get(segment);
    if (known !== undefined) return known;
    const made = replay(g, members.get(segment)!, kept, cheap);
    copies.set(segment, made);
    return made;
  };
  return (node) => {
    const segment = g.segments.get(node);
    if (segment === undefined || !members.has(segment) || g.cheapSegments.has(segment)) return cheap;
    const copied = copy(segment);
    return (name) => copied.get(name) ?? cheap(name);
  };
}

/** Builds nodes again; what comes from outside of them is named by `outside`. */
function replay(
  g: GraphBuilder,
  nodes: readonly Node[],
  kept: ReadonlySet<string>,
  outside: Rename,
): Map<string, string> {
  const names = new Map<string, string>();
  const inside = new Set(nodes.flatMap((node) => node.outputs));
  for (const node of nodes) {
    const op = node.op;
    if (!isOpName(op)) throw new GraphError("no-rule", `${op} (${node.name}) cannot be recomputed`);
    const named = (name: string) => (inside.has(name) ? (names.get(name) ?? name) : outside(name));
    const inputs = node.inputs.map((name) => (name === "" ? undefined : g.tensor(named(name))));
    const outputs = g.scope("recompute", () => g.emit(op, inputs, plainAttributes(node.attributes)));
    outputs.forEach((output, index) => {
      const name = node.outputs[index]!;
      if (!kept.has(name)) names.set(name, output.name);
    });
  }
  return names;
}
