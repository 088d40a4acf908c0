import { basename, dirname, resolve } from "node:path";
import type { ModelFolder } from "@mede2/nn";
import type { ModelState, WeightFiles } from "../program/model-state.ts";

/**
 * The model with the places of its weights in its folder: the runtime then maps the files into memory instead of being handed copies. For a model as it was loaded, which
 * nothing changes: no adapter is merged into it, no step is taken. Folders that are not in float32 stay as they are.
 */
export function withWeightFiles(state: ModelState, folder: ModelFolder): ModelState {
  const files = weightFiles(folder);
  return files === undefined || state.nf4 !== undefined ? state : { ...state, files };
}

function weightFiles(model: ModelFolder): WeightFiles | undefined {
  const entries = model.keys.map((key) => [key, model.entry(key)] as const);
  const folder = resolve(model.folder);
  if (entries.some(([, { dtype, path }]) => dtype !== "F32" || dirname(resolve(path)) !== folder))
    return undefined;
  const places = entries.map(
    ([key, { path, offset, length }]) => [key, { location: basename(path), offset, length }] as const,
  );
  return { folder, places: new Map(places) };
}
