import type { ArrayDType, GraphBuilder, Tensor, TensorData } from "@mede2/onnx";
import { NnFault } from "../fault.ts";

/** Gives the tensor of a checkpoint key, declaring it in the graph when it is first asked for. */
export type Weights = {
  (key: string): Tensor;
  /** x · Wᵀ for a weight that is kept in another form than numbers (NF4); undefined for the others. */
  readonly product?: (g: GraphBuilder, key: string, x_RI: Tensor) => Tensor | undefined;
};

function lookup(shapes: ReadonlyMap<string, readonly number[]>, key: string): readonly number[] {
  const shape = shapes.get(key);
  if (shape === undefined) throw new NnFault("key-unknown", `the model has no parameter named ${key}`);
  return shape;
}

/** Weights as inputs of the graph: one array in memory serves every session, and a step can update it in place. */
export function inputWeights(
  g: GraphBuilder,
  shapes: ReadonlyMap<string, readonly number[]>,
  dtype: ArrayDType = "float32",
): Weights {
  return (key) => g.tensors.get(key) ?? g.input(key, dtype, lookup(shapes, key));
}

/** Weights as constants of the graph, which the runtime may repack: faster, for a model that does not change. */
export function constantWeights(
  g: GraphBuilder,
  shapes: ReadonlyMap<string, readonly number[]>,
  data: (key: string) => TensorData,
): Weights {
  return (key) => {
    const known = g.tensors.get(key);
    if (known !== undefined) return known;
    const shape = lookup(shapes, key);
    return g.initializer(key, { ...data(key), shape });
  };
}
