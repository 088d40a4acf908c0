import { encodeModel, type GraphBuilder, staticShape } from "@mede2/onnx";
import { InferenceSession, Tensor } from "onnxruntime-node";

export type Arrays = Readonly<Record<string, Float32Array | BigInt64Array>>;

/** Runs a graph once on the CPU; every input of the graph is taken from `arrays` by its name. */
export async function runGraph(g: GraphBuilder, arrays: Arrays): Promise<Record<string, Float32Array>> {
  const session = await InferenceSession.create(encodeModel(g.build()), { graphOptimizationLevel: "basic" });
  const feeds = Object.fromEntries(
    g.inputs.map((input) => {
      const data = arrays[input.name];
      if (data === undefined) throw new Error(`no array for input ${input.name}`);
      return [input.name, new Tensor(input.dtype as "float32", data as Float32Array, staticShape(input))];
    }),
  );
  const results = await session.run(feeds);
  await session.release();
  return Object.fromEntries(
    Object.entries(results).map(([name, value]) => [name, value.data as Float32Array]),
  );
}
