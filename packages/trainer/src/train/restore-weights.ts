import { type LoraModule, openModelFolder, readPeftFolder } from "@mede2/nn";
import { toFloat32 } from "@mede2/safetensors";
import type { ModelState } from "../program/model-state.ts";
import { TrainerError } from "../trainer-error.ts";

/** Copies the weights of a checkpoint (all of them, or the adapter's factors) into the model's arrays. */
export async function restoreWeights(
  folder: string,
  model: ModelState,
  modules: readonly LoraModule[] | undefined,
): Promise<void> {
  if (modules === undefined) {
    const saved = await openModelFolder(folder);
    for (const key of saved.keys) model.parameters.get(key)!.set(toFloat32(saved.tensor(key)));
    return;
  }
  const saved = await readPeftFolder(folder);
  for (const { module, a, b, magnitude } of modules) {
    const factors = saved.modules.get(module);
    if (factors === undefined)
      throw new TrainerError("adapter-mismatch", `${folder} has no factors for ${module}`, "start a new run");
    model.parameters.get(a)!.set(toFloat32(factors.a));
    model.parameters.get(b)!.set(toFloat32(factors.b));
    if (magnitude !== undefined && factors.magnitude !== undefined)
      model.parameters.get(magnitude)!.set(toFloat32(factors.magnitude));
  }
}
