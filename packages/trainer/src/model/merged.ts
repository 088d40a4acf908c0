import { type LoraModule, type LoraSettings, loraScale, mergeLora } from "@mede2/nn";
import type { ModelState } from "../program/model-state.ts";
import { weightNumbers } from "../program/model-weights.ts";

/** A model whose LoRA factors are merged into copies of the weights they belong to; the model itself stays as it is. */
export function mergedModel(
  model: ModelState,
  settings: LoraSettings,
  modules: readonly LoraModule[],
): ModelState {
  const parameters = new Map(model.parameters);
  const nf4 = model.nf4 === undefined ? undefined : new Map(model.nf4);
  for (const { module, a, b, magnitude } of modules) {
    const weight = new Float32Array(weightNumbers(model, `${module}.weight`));
    mergeLora(weight, {
      ...{ a_rI: model.parameters.get(a)!, b_Or: model.parameters.get(b)! },
      ...{ rank: settings.rank, scale: loraScale(settings) },
      ...(magnitude === undefined ? {} : { magnitude_O: model.parameters.get(magnitude)! }),
    });
    parameters.set(`${module}.weight`, weight);
    nf4?.delete(`${module}.weight`);
  }
  return { ...model, parameters, ...(nf4 === undefined ? {} : { nf4 }) };
}
