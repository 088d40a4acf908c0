import { type LoraModule, type LoraSettings, loraScale } from "@mede2/nn";
import type { ModelState } from "../program/model-state.ts";
import { addProduct } from "./merge-adapter.ts";

/** A model whose LoRA factors are merged into copies of the weights they belong to; the model itself stays as it is. */
export function mergedModel(
  model: ModelState,
  settings: LoraSettings,
  modules: readonly LoraModule[],
): ModelState {
  const parameters = new Map(model.parameters);
  for (const { module, a, b, inputs, outputs } of modules) {
    const weight = new Float32Array(model.parameters.get(`${module}.weight`)!);
    addProduct(
      weight,
      model.parameters.get(b)!,
      model.parameters.get(a)!,
      outputs,
      inputs,
      settings.rank,
      loraScale(settings),
    );
    parameters.set(`${module}.weight`, weight);
  }
  return { ...model, parameters };
}
