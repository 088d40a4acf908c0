import { type ModelConfig, modelKeys } from "@mede2/nn";
import type { TrainingPlan } from "@mede2/schemas";
import { loraModulesOf } from "../emit/lora-targets.ts";

/** What estimates need to know of a model: numbers of parameters and sizes of the decoder. */
export type ModelSize = {
  readonly parameters: number;
  /** Of the decoder's linear layers: what NF4 quantises. */
  readonly linear: number;
  readonly vision: number;
  readonly hidden: number;
  readonly layers: number;
  readonly intermediate: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly vocabulary: number;
};

const count = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

export function modelSize(config: ModelConfig): ModelSize {
  let [parameters, linear, vision] = [0, 0, 0];
  for (const [key, shape] of modelKeys(config)) {
    parameters += count(shape);
    if (key.startsWith("visual.")) vision += count(shape);
    else if (shape.length === 2 && key.startsWith("model.layers.")) linear += count(shape);
  }
  const { hiddenSize, layers, intermediate, heads, kvHeads, vocab } = config.text;
  return {
    ...{ parameters, linear, vision, hidden: hiddenSize, layers, intermediate, heads, kvHeads },
    vocabulary: vocab,
  };
}

/** Parameters that a plan trains. */
export function trainedParameters(plan: TrainingPlan, config: ModelConfig): number {
  const keys = modelKeys(config);
  if (plan.lora === undefined)
    return [...keys]
      .filter(([key]) => !plan.freeze.some((prefix) => key.startsWith(prefix)))
      .reduce((sum, [, shape]) => sum + count(shape), 0);
  const { rank, targets, dora } = plan.lora;
  return loraModulesOf(config, targets).reduce((sum, module) => {
    const [outputs, inputs] = keys.get(`${module}.weight`) as readonly [number, number];
    return sum + rank * (inputs + outputs) + (dora === true ? outputs : 0);
  }, 0);
}
