import type { Graph, TensorData } from "../ir/graph.ts";
import { renameUses } from "../ir/uses.ts";
import { type Pass, wellFormed } from "./pass.ts";

/** Constants above this size are weights: each keeps its name, even where two hold the same. */
const MAX_BYTES = 4096;

/** Gives equal small constants one initializer, the first. Constants that are inputs or outputs of the graph stay. */
export const shareConstants: Pass = {
  name: "share constants",
  before: [wellFormed],
  after: [wellFormed],
  run: (model) => ({ ...model, graph: share(model.graph) }),
};

function share(graph: Graph): Graph {
  const visible = new Set([...graph.inputs, ...graph.outputs].map((value) => value.name));
  const first = new Map<string, string>();
  const shared = new Map<string, string>();
  for (const [name, tensor] of graph.initializers) {
    const key = visible.has(name) ? undefined : contentKey(tensor);
    if (key === undefined) continue;
    const known = first.get(key);
    if (known === undefined) first.set(key, name);
    else shared.set(name, known);
  }
  const rename = (name: string) => shared.get(name) ?? name;
  return {
    ...graph,
    nodes: graph.nodes.map((node) => renameUses(node, rename)),
    initializers: new Map([...graph.initializers].filter(([name]) => !shared.has(name))),
    values: new Map([...graph.values].filter(([name]) => !shared.has(name))),
  };
}

/** Equal for tensors of equal type, shape and bytes; undefined for what is not to be shared. */
function contentKey({ dtype, shape, storage, extra }: TensorData): string | undefined {
  if (storage.kind !== "bytes" || storage.bytes.length > MAX_BYTES || extra !== undefined) return undefined;
  return `${dtype}[${shape.join(",")}]${String.fromCharCode(...storage.bytes)}`;
}
