import { isLoraTarget, type ModelConfig, modelKeys } from "@mede2/nn";
import type { TrainingPlan } from "@mede2/schemas";

/** What estimates need to know of a model: numbers of parameters, and sizes of the decoder. */
export type ModelSize = {
  readonly parameters: number;
  /** Of the decoder's linear layers: what NF4 quantises. */
  readonly linear: number;
  /** Of the vision tower with its projector. */
  readonly vision: number;
  readonly hidden: number;
  readonly layers: number;
  readonly intermediate: number;
  /** Width of keys, and of values, of a token and layer. */
  readonly keyWidth: number;
  readonly vocabulary: number;
  /** Width of the tower; 0 without one. */
  readonly towerWidth: number;
};

const count = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);
const isDecoderLinear = (key: string, shape: readonly number[]) =>
  shape.length === 2 && /^model\.layers\..*\.weight$/.test(key);

export function modelSize(config: ModelConfig): ModelSize {
  let [parameters, linear, vision] = [0, 0, 0];
  for (const [key, shape] of modelKeys(config)) {
    parameters += count(shape);
    if (key.startsWith("visual.")) vision += count(shape);
    else if (isDecoderLinear(key, shape)) linear += count(shape);
  }
  const { hiddenSize, layers, intermediate, kvHeads, headDim, vocab } = config.text;
  return {
    ...{ parameters, linear, vision, hidden: hiddenSize, layers, intermediate },
    ...{ keyWidth: kvHeads * headDim, vocabulary: vocab },
    towerWidth: "vision" in config ? config.vision.hiddenSize : 0,
  };
}

/** Parameters that a plan trains: the factors of LoRA on the decoder's layers that it names, or all that are not frozen. */
export function trainedParameters(plan: TrainingPlan, config: ModelConfig): number {
  const { lora, freeze } = plan;
  let trained = 0;
  for (const [key, shape] of modelKeys(config))
    if (lora === undefined) trained += freeze.some((prefix) => key.startsWith(prefix)) ? 0 : count(shape);
    else if (isDecoderLinear(key, shape) && isLoraTarget(key.slice(0, -".weight".length), lora.targets)) {
      const [outputs, inputs] = shape as readonly [number, number];
      trained += lora.rank * (inputs + outputs) + (lora.dora === true ? outputs : 0);
    }
  return trained;
}
