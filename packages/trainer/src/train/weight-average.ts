import { moveAverage } from "@mede2/nn";
import { type ModelState, parameter } from "../program/model-state.ts";

/** A moving average of what is trained. */
export type WeightAverage = {
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** The model with the average in the place of what is trained; everything else is shared. */
  readonly model: ModelState;
  /** To be called after step `step`. */
  move(step: number): void;
};

/** The average begins as the weights after the first step. */
export function startAverage(
  decay: number,
  model: ModelState,
  trained: ReadonlyMap<string, readonly number[]>,
): WeightAverage {
  const weights = new Map([...trained.keys()].map((key) => [key, parameter(model, key).slice()]));
  return {
    weights,
    model: { ...model, parameters: new Map([...model.parameters, ...weights]) },
    move(step) {
      for (const [key, average] of weights) {
        if (step === 1) average.set(parameter(model, key));
        else moveAverage(average, parameter(model, key), decay);
      }
    },
  };
}
