import type { Graph } from "../ir/graph.ts";
import { renameUses } from "../ir/uses.ts";
import { type Condition, type Pass, wellFormed } from "./pass.ts";

/** Nodes that pass their operand on. One that gives an output of the graph its name has work to do, and stays. */
function idle(graph: Graph): Map<string, string> {
  const outputs = new Set(graph.outputs.map((output) => output.name));
  const pairs = graph.nodes.flatMap((node) => {
    const [from, to] = [node.inputs[0], node.outputs[0]];
    const plain = node.op === "Identity" && (node.domain === "" || node.domain === "ai.onnx");
    return plain && from !== undefined && to !== undefined && !outputs.has(to) ? [[to, from] as const] : [];
  });
  return new Map(pairs);
}

const noIdleIdentity: Condition = {
  name: "free of idle identities",
  broken: ({ graph }) => {
    const [first] = idle(graph);
    return first && `"${first[0]}" is only another name of "${first[1]}"`;
  },
};

/** Removes Identity nodes; what used their result uses their operand. */
export const removeIdentities: Pass = {
  name: "remove identities",
  before: [wellFormed],
  after: [wellFormed, noIdleIdentity],
  run: (model) => ({ ...model, graph: withoutIdle(model.graph) }),
};

function withoutIdle(graph: Graph): Graph {
  const from = idle(graph);
  const source = (name: string): string => {
    let found = name;
    for (let next = from.get(found); next !== undefined; next = from.get(found)) found = next;
    return found;
  };
  return {
    ...graph,
    nodes: graph.nodes
      .filter((node) => !from.has(node.outputs[0] ?? ""))
      .map((node) => renameUses(node, source)),
    values: new Map([...graph.values].filter(([name]) => !from.has(name))),
  };
}
