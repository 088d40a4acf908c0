import type { Qwen25VlConfig } from "@mede2/nn";

/** A model in memory: its configuration and every parameter by its checkpoint key. Steps update the arrays in place. */
export type ModelState = {
  readonly config: Qwen25VlConfig;
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
