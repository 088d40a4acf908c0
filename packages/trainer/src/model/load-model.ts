import {
  compressScales,
  type ModelFolder,
  mayBeNf4,
  modelKeys,
  type Nf4Double,
  openModelFolder,
  quantiseNf4,
} from "@mede2/nn";
import { toFloat32 } from "@mede2/safetensors";
import type { ModelState } from "../program/model-state.ts";
import { mergeAdapter } from "./merge-adapter.ts";

export type LoadedModel = { readonly state: ModelState; readonly folder: ModelFolder };

/**
 * Reads a whole checkpoint into float32 arrays of our own. With `adapter`, a PEFT folder, its product is merged into the weights. With `nf4` the weights of the decoder's layers
 * are packed into four bits one by one as they are read, so that the model never stands in memory in float32.
 */
export async function loadModel(
  path: string,
  adapter?: string,
  { nf4 = false }: { readonly nf4?: boolean } = {},
): Promise<LoadedModel> {
  const folder = await openModelFolder(path);
  const shapes = modelKeys(folder.config);
  const parameters = new Map<string, Float32Array>();
  const packed = new Map<string, Nf4Double>();
  for (const key of folder.keys) {
    const data = toFloat32(folder.tensor(key));
    if (nf4 && mayBeNf4(key, shapes.get(key)!)) packed.set(key, compressScales(quantiseNf4(data)));
    else parameters.set(key, new Float32Array(data));
  }
  if (nf4) return { state: { config: folder.config, shapes, parameters, nf4: packed }, folder };
  if (adapter !== undefined) await mergeAdapter(parameters, adapter, folder.config);
  return { state: { config: folder.config, shapes, parameters }, folder };
}
