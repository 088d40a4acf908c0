import { NnFault } from "../fault.ts";
import { fieldReader, type JsonObject } from "../json-fields.ts";
import type { Family, Renames, VisionFamily } from "./family.ts";
import { internVl } from "./internvl/family.ts";
import type { FamilyName, ModelConfig } from "./model-config.ts";
import type { Grid, RowPositions } from "./positions.ts";
import { qwen25Vl } from "./qwen2-5-vl/family.ts";
import { qwen3Vl } from "./qwen3-vl/family.ts";
import { smolVlm } from "./smolvlm/family.ts";
import { textModel } from "./text/family.ts";
import type { ImageArrays, VisionBatch } from "./vision.ts";

/** The families by name. */
const families: { readonly [name in FamilyName]: Family } = {
  qwen2_5_vl: qwen25Vl,
  llama: textModel("llama"),
  mistral: textModel("mistral"),
  qwen2: textModel("qwen2"),
  qwen3: textModel("qwen3"),
  internvl: internVl,
  qwen3_vl: qwen3Vl,
  smolvlm: smolVlm("smolvlm"),
  idefics3: smolVlm("idefics3"),
};

export const familyNames = Object.keys(families) as readonly FamilyName[];

export function familyName({ family = "qwen2_5_vl" }: ModelConfig): FamilyName {
  return family;
}

export function familyOf(config: ModelConfig): Family {
  return families[familyName(config)];
}

/** @throws NnFault `images-unsupported` for a model without a vision tower */
export function visionOf(config: ModelConfig): VisionFamily<ModelConfig> {
  const { vision } = familyOf(config);
  if (vision === undefined)
    throw new NnFault(
      "images-unsupported",
      `a ${familyName(config)} model reads text only; take the images out of the data, or use a vision-language model`,
    );
  return vision;
}

/** Published layouts of families that are here in another one. */
const otherLayouts: { readonly [type: string]: string } = {
  internvl_chat:
    "that is the layout of InternVL's own code: take the folder in the layout of transformers, whose name ends in -hf",
};

/**
 * Reads the config.json of any family here, by its `model_type`.
 *
 * @throws NnFault `config-unsupported` | `field-missing` | `field-wrong`, naming file and field
 */
export function readModelConfig(json: unknown, file = "config.json"): ModelConfig {
  const type = fieldReader(json, file).string("model_type");
  const family = Object.values(families).find(({ types }) => types.includes(type));
  if (family !== undefined) return family.readConfig(json, file);
  const known = Object.values(families).flatMap(({ types }) => types);
  const instead = otherLayouts[type] ?? `supported are ${known.join(", ")}`;
  throw new NnFault("config-unsupported", `${file}: model_type is "${type}"; ${instead}`);
}

/** config.json in the published layout; inverse of the reader. */
export function writeModelConfig(config: ModelConfig): JsonObject {
  return familyOf(config).writeConfig(config);
}

/** Every parameter of a model with its shape, in a fixed order. */
export function modelKeys(config: ModelConfig): ReadonlyMap<string, readonly number[]> {
  return familyOf(config).keys(config);
}

/** Position ids of one row of tokens with its images. */
export function rowPositions(ids: Int32Array, grids: readonly Grid[], config: ModelConfig): RowPositions {
  return familyOf(config).positions(ids, grids, config);
}

/** Width of image features; 0 for a model that has none. */
export function featureWidth(config: ModelConfig): number {
  return familyOf(config).vision?.featureWidth(config) ?? 0;
}

/** Number of decoder positions that hold features of an image. */
export function imageTokens(grid: Grid, config: ModelConfig): number {
  return visionOf(config).imageTokens(grid, config);
}

/** Arranges images for the family's tower. */
export function visionBatch(images: readonly ImageArrays[], config: ModelConfig): VisionBatch {
  return visionOf(config).batch(images, config);
}

function rename(key: string, pairs: Renames, from: 0 | 1): string {
  const found = pairs.find((pair) => key.startsWith(pair[from]));
  return found === undefined ? key : `${found[from === 0 ? 1 : 0]}${key.slice(found[from].length)}`;
}

/** What a parameter (or a module) is called in files of the model's family. */
export function nameInFile(key: string, config: ModelConfig, layout: "published" | "v5"): string {
  return rename(key, familyOf(config).names[layout], 0);
}

/** All ways in which files name parameters, longest first: no two families mean different things by one name. */
const theirNames: Renames = Object.values(families)
  .flatMap(({ names }) => [...names.published, ...names.v5])
  .sort((a, b) => b[1].length - a[1].length);

/** Inverse of `nameInFile`, whatever the family and the layout; one of our own names passes unchanged. */
export function nameFromFile(name: string): string {
  return rename(name, theirNames, 1);
}
