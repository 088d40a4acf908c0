import type { ModelConfig } from "@mede2/nn";
import type { TensorData } from "@mede2/onnx";
import { TrainerError } from "../trainer-error.ts";

/** A model in memory: its configuration and every parameter by its checkpoint key. Steps update the arrays in place. */
export type ModelState = {
  readonly config: ModelConfig;
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  readonly parameters: ReadonlyMap<string, Float32Array>;
};

/** First and second moments of AdamW for each trained parameter, and the number of steps taken. */
export type OptimiserState = {
  step: number;
  readonly first: ReadonlyMap<string, Float32Array>;
  readonly second: ReadonlyMap<string, Float32Array>;
};

export function newOptimiserState(sizes: ReadonlyMap<string, number>): OptimiserState {
  const zeros = () => new Map([...sizes].map(([key, size]) => [key, new Float32Array(size)]));
  return { step: 0, first: zeros(), second: zeros() };
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** A parameter as a constant of a graph; a view of its array, so the graph must be compiled before the array changes. */
export function weightBytes(model: ModelState, key: string): TensorData {
  const data = parameter(model, key);
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { dtype: "float32", shape: model.shapes.get(key)!, storage: { kind: "bytes", bytes } };
}

export function parameter(model: ModelState, key: string): Float32Array {
  const data = model.parameters.get(key);
  if (data === undefined)
    throw new TrainerError(
      "parameter-missing",
      `the model has no parameter ${key}`,
      "check that the folder holds a whole checkpoint",
    );
  return data;
}
