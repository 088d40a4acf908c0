import { NnFault } from "../../fault.ts";
import type { Tokenizer } from "../../text/tokenizer.ts";
import type { ImageSide } from "../image-side.ts";
import type { Grid } from "../positions.ts";
import type { Qwen25VlConfig } from "./config.ts";
import { gridOf, imageProcessor, readImageProcessor } from "./image-processor.ts";
import { imageTokenCount } from "./positions.ts";

/** The part of a config that the image processor of Qwen2-VL's kind must agree with. */
type QwenVision = Pick<Qwen25VlConfig, "tokens"> & {
  readonly vision: Pick<Qwen25VlConfig["vision"], "patchSize" | "temporalPatchSize" | "spatialMerge">;
};

/** The image processor of a Qwen-VL folder, checked against its config and tokenizer. */
export function qwenImageSide(
  json: unknown,
  file: string,
  { vision, tokens }: QwenVision,
  tokenizer: Tokenizer,
): ImageSide {
  const settings = readImageProcessor(json, file);
  const fail = (what: string): never => {
    throw new NnFault("processor-mismatch", `${what}; the files of this model folder do not belong together`);
  };
  for (const key of ["patchSize", "temporalPatchSize", "spatialMerge"] as const) {
    if (settings[key] !== vision[key])
      fail(`${key} is ${settings[key]} in the image processor and ${vision[key]} in config.json`);
  }
  const token = "<|image_pad|>";
  const id = tokenizer.idOf(token);
  if (id !== tokens.image) fail(`${token} has id ${id} in the tokenizer, image_token_id is ${tokens.image}`);
  const expand = (grid: Grid): number[] =>
    new Array<number>(imageTokenCount(grid, vision.spatialMerge)).fill(tokens.image);
  return {
    minPixels: settings.minPixels,
    maxPixels: settings.maxPixels,
    patchLength: 3 * vision.temporalPatchSize * vision.patchSize ** 2,
    placeholder: tokens.image,
    gridOf: (height, width) => gridOf(height, width, settings),
    process: imageProcessor(settings),
    expand,
    alone: (grid) => [tokens.visionStart, ...expand(grid), tokens.visionEnd],
  };
}
