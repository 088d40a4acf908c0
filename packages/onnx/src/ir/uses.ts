import type { Attribute, Graph, Node } from "./graph.ts";

/** The graphs in the attributes of a node (branches, loop bodies). */
export function subgraphs(node: Node): Graph[] {
  return [...node.attributes.values()].flatMap((attribute) => {
    if (attribute.type === "graph") return [attribute.value];
    return attribute.type === "graphs" ? attribute.value : [];
  });
}

/** Names that a node reads from the graph that it stands in: its inputs, and what its subgraphs capture. */
export function usedNames(node: Node): string[] {
  return [...node.inputs.filter((name) => name !== ""), ...subgraphs(node).flatMap(capturedNames)];
}

/** Names that a graph reads and does not define. */
export function capturedNames(graph: Graph): string[] {
  const own = new Set(definedNames(graph));
  const outputs = graph.outputs.map((output) => output.name);
  return [...graph.nodes.flatMap(usedNames), ...outputs].filter((name) => name !== "" && !own.has(name));
}

/** Every name that a graph defines, in the order of the file; a name that is defined twice appears twice. */
export function definedNames(graph: Graph): string[] {
  const inputs = new Set(graph.inputs.map((input) => input.name));
  return [
    ...graph.inputs.map((input) => input.name),
    ...[...graph.initializers.keys()].filter((name) => !inputs.has(name)), // the default of an input
    ...(graph.sparseInitializers ?? []).flatMap(({ values }) => values.name ?? []),
    ...graph.nodes.flatMap((node) => node.outputs.filter((name) => name !== "")),
  ];
}

/** The node with the names that it reads replaced, also in its subgraphs. */
export function renameUses(node: Node, rename: (name: string) => string): Node {
  const attributes = new Map(
    [...node.attributes].map(([key, attribute]) => [key, renameAttribute(attribute, rename)]),
  );
  const inputs = node.inputs.map((name) => (name === "" ? "" : rename(name)));
  return { ...node, inputs, attributes };
}

function renameAttribute(attribute: Attribute, rename: (name: string) => string): Attribute {
  if (attribute.type === "graph") return { ...attribute, value: renameCaptured(attribute.value, rename) };
  if (attribute.type !== "graphs") return attribute;
  return { ...attribute, value: attribute.value.map((graph) => renameCaptured(graph, rename)) };
}

function renameCaptured(graph: Graph, rename: (name: string) => string): Graph {
  const own = new Set(definedNames(graph));
  const outer = (name: string) => (own.has(name) ? name : rename(name));
  return {
    ...graph,
    nodes: graph.nodes.map((node) => renameUses(node, outer)),
    outputs: graph.outputs.map((output) => ({ ...output, name: outer(output.name) })),
  };
}

/** A node as errors name it. */
export function describeNode(node: Node): string {
  const op = node.domain === "" ? node.op : `${node.domain}.${node.op}`;
  return `${op} "${node.name === "" ? (node.outputs[0] ?? "") : node.name}"`;
}
