import type { AttributeValue, GraphBuilder } from "../builder.ts";
import type { Attribute, Node } from "../ir/graph.ts";
import { isOpName } from "../op-names.ts";

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
    if (!isOpName(node.op)) continue;
    const inputs = node.inputs.map((name) => (name === "" ? undefined : g.tensor(names.get(name) ?? name)));
    const outputs = g.scope("recompute", () => g.emit(node.op as never, inputs, plain(node.attributes)));
    outputs.forEach((output, index) => {
      const name = node.outputs[index]!;
      if (!kept.has(name)) names.set(name, output.name);
    });
  }
  return names;
}

function plain(attributes: ReadonlyMap<string, Attribute>): Record<string, AttributeValue> {
  return Object.fromEntries([...attributes].map(([key, attribute]) => [key, plainValue(attribute)]));
}

function plainValue(attribute: Attribute): AttributeValue {
  switch (attribute.type) {
    case "int":
      return Number(attribute.value);
    case "float":
      return { float: attribute.value };
    case "ints":
      return attribute.value.map(Number);
    case "string":
      return typeof attribute.value === "string"
        ? attribute.value
        : new TextDecoder().decode(attribute.value);
    default:
      throw new TypeError(`attribute of type ${attribute.type} cannot be replayed`);
  }
}
