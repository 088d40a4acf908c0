import { GraphError } from "../graph-error.ts";
import type { Graph, Node } from "../ir/graph.ts";
import { definedNames, describeNode, usedNames } from "../ir/uses.ts";
import { type Pass, wellFormed, wellFormedUnordered } from "./pass.ts";

/** Puts every node behind the nodes that it uses; nodes that are in order already keep theirs. */
export const sortNodes: Pass = {
  name: "sort nodes",
  before: [wellFormedUnordered],
  after: [wellFormed],
  run: (model) => ({ ...model, graph: sorted(model.graph) }),
};

function sorted(graph: Graph): Graph {
  const maker = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const given = new Set(definedNames({ ...graph, nodes: [] }));
  const state = new Map<Node, "open" | "done">();
  const nodes: Node[] = [];
  for (const root of graph.nodes) {
    const stack: Node[] = [root];
    while (stack.length > 0) {
      const node = stack.at(-1)!;
      if (state.get(node) === "done") {
        stack.pop();
        continue;
      }
      const waiting = usedNames(node).flatMap((name) => needed(node, name, maker, given) ?? []);
      const next = waiting.find((other) => state.get(other) !== "done");
      if (next === undefined) {
        state.set(node, "done");
        nodes.push(node);
        stack.pop();
      } else if (state.get(next) === "open" || next === node) {
        throw new GraphError(
          "cycle",
          `${describeNode(node)} needs ${describeNode(next)}, which needs it in turn`,
        );
      } else {
        state.set(node, "open");
        stack.push(next);
      }
    }
  }
  return { ...graph, nodes };
}

function needed(
  node: Node,
  name: string,
  maker: ReadonlyMap<string, Node>,
  given: ReadonlySet<string>,
): Node | undefined {
  const found = maker.get(name);
  if (found === undefined && !given.has(name))
    throw new GraphError("undefined-value", `${describeNode(node)} uses "${name}", which nothing defines`);
  return found;
}
