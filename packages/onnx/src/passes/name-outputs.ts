import type { Graph } from "../ir/graph.ts";
import { renameUses, subgraphs } from "../ir/uses.ts";
import { type Condition, type Pass, wellFormed } from "./pass.ts";

/** Values that an Identity only gives the name of an output, with that name. A value with several such names gets the first; inputs, constants and outputs keep theirs. */
function unnamed(graph: Graph): Map<string, string> {
  const made = new Set(graph.nodes.flatMap((node) => node.outputs));
  const outputs = new Set(graph.outputs.map((output) => output.name));
  const names = new Map<string, string>();
  if (graph.nodes.some((node) => subgraphs(node).length > 0)) return names;
  for (const node of graph.nodes) {
    const [from, to] = [node.inputs[0], node.outputs[0]];
    const plain = node.op === "Identity" && (node.domain === "" || node.domain === "ai.onnx");
    if (!plain || from === undefined || to === undefined || !outputs.has(to)) continue;
    if (made.has(from) && !outputs.has(from) && !names.has(from)) names.set(from, to);
  }
  return names;
}

const producersNameOutputs: Condition = {
  name: "one whose outputs are named by what makes them",
  broken: ({ graph }) => {
    const [first] = unnamed(graph);
    return first && `"${first[1]}" is a copy of "${first[0]}"`;
  },
};

/** Has nodes make the outputs of a graph themselves, instead of values that Identity nodes then copy. Graphs with subgraphs stay as they are. */
export const nameOutputs: Pass = {
  name: "name outputs",
  before: [wellFormed],
  after: [wellFormed, producersNameOutputs],
  run: (model) => ({ ...model, graph: withNames(model.graph) }),
};

function withNames(graph: Graph): Graph {
  const names = unnamed(graph);
  const named = (name: string) => names.get(name) ?? name;
  return {
    ...graph,
    nodes: graph.nodes
      .filter((node) => node.op !== "Identity" || names.get(node.inputs[0] ?? "") !== node.outputs[0])
      .map((node) => ({ ...renameUses(node, named), outputs: node.outputs.map(named) })),
    values: new Map([...graph.values].filter(([name]) => !names.has(name))),
  };
}
