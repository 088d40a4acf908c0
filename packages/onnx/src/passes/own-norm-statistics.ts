import { toBytes } from "../ir/dtype.ts";
import type { Graph, Node, TensorData } from "../ir/graph.ts";
import { usedNames } from "../ir/uses.ts";
import { type Pass, wellFormed } from "./pass.ts";

/** Norms whose statistics are read: 1/√(mean(x²) + ε) of a root-mean-square norm. */
function readStatistics(graph: Graph): Set<string> {
  const read = new Set([...graph.nodes.flatMap(usedNames), ...graph.outputs.map(({ name }) => name)]);
  return new Set(
    graph.nodes
      .filter(({ op, outputs }) => op === "SimplifiedLayerNormalization" && read.has(outputs[1] ?? ""))
      .map(({ outputs }) => outputs[1]!),
  );
}

/**
 * Computes the statistics of root-mean-square norms in nodes of their own, for execution providers that leave the second output of SimplifiedLayerNormalization unwritten. In
 * float32, over the last axis.
 */
export const ownNormStatistics: Pass = {
  name: "own norm statistics",
  before: [wellFormed],
  after: [
    wellFormed,
    {
      name: "without norms whose statistics are read",
      broken: ({ graph }) => {
        const [first] = readStatistics(graph);
        return first && `"${first}" is a second output that is read`;
      },
    },
  ],
  run: (model) => ({ ...model, graph: lowered(model.graph) }),
};

function lowered(graph: Graph): Graph {
  const read = readStatistics(graph);
  const constants = new Map<string, TensorData>();
  const constant = (name: string, data: TensorData): string => {
    constants.set(name, data);
    return name;
  };
  const nodes = graph.nodes.flatMap((node): Node[] => {
    const [first, second] = node.outputs;
    if (second === undefined || !read.has(second)) return [node];
    const found = node.attributes.get("epsilon");
    const epsilon = found?.type === "float" ? found.value : 1e-5;
    const axes = constant("own-norm-statistics/axes", {
      ...{ dtype: "int64" as const, shape: [1] },
      storage: { kind: "bytes", bytes: toBytes("int64", [-1]) },
    });
    const least = constant(`own-norm-statistics/epsilon-${epsilon}`, {
      ...{ dtype: "float32" as const, shape: [] },
      storage: { kind: "bytes", bytes: toBytes("float32", [epsilon]) },
    });
    const make = (op: string, inputs: string[], output: string): Node => ({
      ...{ op, domain: "", name: output, inputs, outputs: [output], attributes: new Map() },
    });
    return [
      { ...node, outputs: [first!] },
      make("Mul", [node.inputs[0]!, node.inputs[0]!], `${second}/squares`),
      make("ReduceMean", [`${second}/squares`, axes], `${second}/mean`),
      make("Add", [`${second}/mean`, least], `${second}/moved`),
      make("Sqrt", [`${second}/moved`], `${second}/root`),
      make("Reciprocal", [`${second}/root`], second),
    ];
  });
  return { ...graph, nodes, initializers: new Map([...graph.initializers, ...constants]) };
}
