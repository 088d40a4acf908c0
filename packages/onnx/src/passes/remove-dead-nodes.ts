import type { Graph, Node } from "../ir/graph.ts";
import { usedNames } from "../ir/uses.ts";
import { type Pass, wellFormed } from "./pass.ts";

/** Removes nodes that no output depends on, and the constants and types that nothing uses any more. */
export const removeDeadNodes: Pass = {
  name: "remove dead nodes",
  before: [wellFormed],
  after: [wellFormed],
  run: (model) => ({ ...model, graph: removeDead(model.graph) }),
};

function removeDead(graph: Graph): Graph {
  const needed = new Set(graph.outputs.map((output) => output.name));
  const nodes: Node[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((name) => needed.has(name))) continue;
    nodes.push(node);
    for (const name of usedNames(node)) needed.add(name);
  }
  nodes.reverse();
  const inputs = new Set(graph.inputs.map((input) => input.name));
  const there = new Set([...inputs, ...needed, ...nodes.flatMap((node) => node.outputs)]);
  return {
    ...graph,
    nodes,
    initializers: new Map([...graph.initializers].filter(([name]) => needed.has(name) || inputs.has(name))),
    values: new Map([...graph.values].filter(([name]) => there.has(name))),
  };
}
