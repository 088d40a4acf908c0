import { type ModelFolder, modelKeys, openModelFolder } from "@mede2/nn";
import { toFloat32 } from "@mede2/safetensors";
import type { ModelState } from "../program/model-state.ts";
import { mergeAdapter } from "./merge-adapter.ts";

export type LoadedModel = { readonly state: ModelState; readonly folder: ModelFolder };

/** Reads a whole checkpoint into float32 arrays of our own. With `adapter`, a PEFT folder, its product is merged into the weights. */
export async function loadModel(path: string, adapter?: string): Promise<LoadedModel> {
  const folder = await openModelFolder(path);
  const parameters = new Map(
    folder.keys.map((key) => [key, new Float32Array(toFloat32(folder.tensor(key)))]),
  );
  const shapes = modelKeys(folder.config);
  if (adapter !== undefined) await mergeAdapter(parameters, adapter, folder.config);
  return { state: { config: folder.config, shapes, parameters }, folder };
}
