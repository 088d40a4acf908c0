import { type DType, type GraphBuilder, staticShape } from "@mede2/onnx";

/** Operations whose output is their input under another shape. */
const sameBuffer: ReadonlySet<string> = new Set(["Reshape", "Squeeze", "Unsqueeze", "Identity", "Flatten"]);

const width: Partial<Readonly<Record<DType, number>>> = {
  ...{ float32: 4, int32: 4, uint32: 4, int64: 8, uint64: 8, float64: 8 },
  ...{ float16: 2, bfloat16: 2, int16: 2, uint16: 2, bool: 1, int8: 1, uint8: 1 },
};

/**
 * The most bytes that intermediate results of a graph take at once, when its nodes run in their order and each result is given up after its last use. Inputs, constants and
 * the graph's own outputs belong to the caller and are not counted.
 */
export function liveBytes(g: GraphBuilder): number {
  const own = new Set(g.outputs.map(({ name }) => name));
  const root = new Map<string, string>();
  const rootOf = (name: string): string => root.get(name) ?? name;
  for (const { op, inputs, outputs } of g.nodes)
    if (sameBuffer.has(op) && inputs[0] !== undefined && outputs[0] !== undefined && !own.has(outputs[0]))
      root.set(outputs[0], rootOf(inputs[0]));
  const lastUse = new Map<string, number>();
  g.nodes.forEach(({ inputs }, at) => {
    for (const name of inputs) lastUse.set(rootOf(name), at);
  });
  const sizes = new Map<string, number>();
  let [live, peak] = [0, 0];
  g.nodes.forEach(({ inputs, outputs }, at) => {
    for (const name of outputs) {
      if (name === "" || own.has(name) || root.has(name)) continue;
      const size = bytesOf(g, name);
      sizes.set(name, size);
      live += size;
    }
    peak = Math.max(peak, live);
    for (const name of new Set([...inputs, ...outputs].map(rootOf))) {
      if ((lastUse.get(name) ?? at) > at) continue;
      live -= sizes.get(name) ?? 0;
      sizes.delete(name);
    }
  });
  return peak;
}

function bytesOf(g: GraphBuilder, name: string): number {
  const tensor = g.tensor(name);
  const count = staticShape(tensor).reduce((product, size) => product * size, 1);
  return count * (width[tensor.dtype] ?? 4);
}
