import { GraphError } from "../graph-error.ts";
import type { Graph, Model, Node } from "./graph.ts";
import { definedNames, describeNode, subgraphs } from "./uses.ts";

/** A rule of the IR that a graph breaks. */
export interface GraphProblem {
  readonly code: "undefined-value" | "duplicate-name" | "missing-output" | "missing-opset" | "unnamed-value";
  readonly message: string;
}

/**
 * The rules that a graph breaks: every name is defined before it is used, is defined once (subgraphs included), and every
 * output is there. `outer` are the names that the graph may capture.
 */
export function graphProblems(graph: Graph, outer: ReadonlySet<string> = new Set()): GraphProblem[] {
  const problems: GraphProblem[] = [];
  const known = new Set(outer);
  const define = (name: string, by: string) => {
    if (known.has(name))
      problems.push({ code: "duplicate-name", message: `${by} defines "${name}", which is defined already` });
    known.add(name);
  };
  const inNodes = new Set(graph.nodes.flatMap((node) => node.outputs));
  for (const name of definedNames({ ...graph, nodes: [] })) {
    if (name === "")
      problems.push({ code: "unnamed-value", message: `${graph.name} has an input without a name` });
    else define(name, `"${graph.name}"`);
  }
  for (const node of graph.nodes) {
    for (const name of node.inputs)
      if (name !== "" && !known.has(name)) problems.push(unknownUse(node, name, inNodes));
    for (const inner of subgraphs(node)) problems.push(...graphProblems(inner, known));
    for (const name of node.outputs) if (name !== "") define(name, describeNode(node));
  }
  for (const { name } of graph.outputs)
    if (!known.has(name))
      problems.push({
        code: "missing-output",
        message: `nothing in "${graph.name}" defines its output "${name}"`,
      });
  return problems;
}

function unknownUse(node: Node, name: string, inNodes: ReadonlySet<string>): GraphProblem {
  const why = inNodes.has(name) ? "which a later node defines: sort the graph" : "which nothing defines";
  return { code: "undefined-value", message: `${describeNode(node)} uses "${name}", ${why}` };
}

/** @throws GraphError with the code of the first rule that is broken, naming all of them. */
export function checkGraph(graph: Graph): void {
  throwFirst(graph.name, graphProblems(graph));
}

/** Checks the graph, the functions, and that every operator set that nodes use is imported. */
export function checkModel(model: Model): void {
  const problems = graphProblems(model.graph);
  const own = new Set(model.functions.map((body) => body.domain));
  problems.push(...opsetProblems(model.graph.nodes, model.opsets, own));
  for (const body of model.functions) {
    const graph: Graph = {
      name: body.name,
      inputs: body.inputs.map((name) => ({ name })),
      outputs: body.outputs.map((name) => ({ name })),
      nodes: body.nodes,
      initializers: new Map(),
      values: body.values,
    };
    problems.push(...graphProblems(graph), ...opsetProblems(body.nodes, body.opsets, own));
  }
  throwFirst(model.graph.name, problems);
}

function opsetProblems(
  nodes: readonly Node[],
  opsets: ReadonlyMap<string, number>,
  own: ReadonlySet<string>,
): GraphProblem[] {
  const plain = (domain: string) => (domain === "ai.onnx" ? "" : domain);
  const imported = new Set([...opsets.keys()].map(plain));
  const missing = nodes.find((node) => !imported.has(plain(node.domain)) && !own.has(node.domain));
  if (missing === undefined) return [];
  const message = `${describeNode(missing)} is of the operator set "${missing.domain}", which is not imported`;
  return [{ code: "missing-opset", message }];
}

function throwFirst(name: string, problems: readonly GraphProblem[]): void {
  const [first] = problems;
  if (first === undefined) return;
  const shown = problems.slice(0, 5).map((problem) => problem.message);
  const more = problems.length > shown.length ? `; and ${problems.length - shown.length} more` : "";
  throw new GraphError(first.code, `The graph "${name}" is not valid: ${shown.join("; ")}${more}.`);
}
