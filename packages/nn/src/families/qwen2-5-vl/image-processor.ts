// L patches · C channels · T frames of a patch · P patch side
import { NnFault } from "../../fault.ts";
import { normalisation } from "../../images/normalisation.ts";
import { assertImage, type DecodedImage, resizeBicubic } from "../../images/resize.ts";
import { smartResize } from "../../images/smart-resize.ts";
import { fieldReader } from "../../json-fields.ts";
import type { ProcessedImage } from "../image-side.ts";
import type { Grid } from "../positions.ts";

export type ImageProcessorConfig = {
  readonly minPixels: number;
  readonly maxPixels: number;
  readonly patchSize: number;
  readonly temporalPatchSize: number;
  readonly spatialMerge: number;
  readonly resize: boolean;
  /** Multiplied with the byte before normalisation; 1 when rescaling is off. */
  readonly rescaleFactor: number;
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
};

const CLIP_MEAN = [0.48145466, 0.4578275, 0.40821073] as const;
const CLIP_STD = [0.26862954, 0.26130258, 0.27577711] as const;
const PIL_BICUBIC = 3;

/**
 * Reads `preprocessor_config.json` (every key may be absent), or the `image_processor` part of the
 * `processor_config.json` that transformers v5 saves. `min_pixels` and `max_pixels` win over `size`.
 *
 * @throws NnFault `config-unsupported` for another resampling than bicubic
 */
export function readImageProcessor(json: unknown, file = "preprocessor_config.json"): ImageProcessorConfig {
  const root = fieldReader(json, file);
  const from = root.object("image_processor") ?? root;
  const size = from.object("size");
  const triple = (
    key: string,
    fallback: readonly [number, number, number],
  ): readonly [number, number, number] => {
    const [r, g, b, ...rest] = from.numbers(key, fallback);
    if (r === undefined || g === undefined || b === undefined || rest.length > 0)
      from.fail(key, "must be three numbers");
    return [r as number, g as number, b as number];
  };
  const resample = from.integer("resample", PIL_BICUBIC);
  if (resample !== PIL_BICUBIC) {
    throw new NnFault(
      "config-unsupported",
      `${file}: resample is ${resample}; only 3 (bicubic) is implemented`,
    );
  }
  const normalize = from.boolean("do_normalize", true);
  return {
    minPixels: from.integer(
      "min_pixels",
      size?.integer("shortest_edge", size.integer("min_pixels", 3136)) ?? 3136,
    ),
    maxPixels: from.integer(
      "max_pixels",
      size?.integer("longest_edge", size.integer("max_pixels", 1003520)) ?? 1003520,
    ),
    patchSize: from.integer("patch_size", 14),
    temporalPatchSize: from.integer("temporal_patch_size", 2),
    spatialMerge: from.integer("merge_size", 2),
    resize: from.boolean("do_resize", true),
    rescaleFactor: from.boolean("do_rescale", true) ? from.number("rescale_factor", 1 / 255) : 1,
    mean: normalize ? triple("image_mean", CLIP_MEAN) : [0, 0, 0],
    std: normalize ? triple("image_std", CLIP_STD) : [1, 1, 1],
  };
}

/** What `readImageProcessor` reads back. */
export function writeImageProcessor(config: ImageProcessorConfig): { readonly [key: string]: unknown } {
  return {
    do_convert_rgb: true,
    do_normalize: true,
    do_rescale: config.rescaleFactor !== 1,
    do_resize: config.resize,
    image_mean: config.mean,
    image_processor_type: "Qwen2VLImageProcessor",
    image_std: config.std,
    max_pixels: config.maxPixels,
    merge_size: config.spatialMerge,
    min_pixels: config.minPixels,
    patch_size: config.patchSize,
    processor_class: "Qwen2_5_VLProcessor",
    resample: PIL_BICUBIC,
    rescale_factor: config.rescaleFactor,
    temporal_patch_size: config.temporalPatchSize,
  };
}

/** Grid that an image of this size will get, without touching pixels: for token counts and memory estimates. */
export function gridOf(height: number, width: number, config: ImageProcessorConfig): Grid {
  const { patchSize, spatialMerge } = config;
  const size = config.resize
    ? smartResize(height, width, { ...config, factor: patchSize * spatialMerge })
    : { height, width };
  const factor = patchSize * spatialMerge;
  if (size.height % factor !== 0 || size.width % factor !== 0) {
    throw new NnFault(
      "image-size",
      `do_resize is off and an image of ${width} × ${height} is not a multiple of ${factor}; resize it or turn do_resize on`,
    );
  }
  return [1, size.height / patchSize, size.width / patchSize];
}

/**
 * Decoded image → patches, exactly as the PIL back-end of transformers' Qwen2-VL image processor: grey becomes RGB,
 * alpha is dropped, bicubic resize, (value · rescale − mean) / std in float32, patch order by merge blocks, and each
 * patch repeated `temporalPatchSize` times.
 */
export function imageProcessor(config: ImageProcessorConfig): (image: DecodedImage) => ProcessedImage {
  const { patchSize: P, temporalPatchSize: T, spatialMerge: M } = config;
  const lookup = normalisation(config);
  const area = P * P;
  const patchLength = 3 * T * area;
  return (image) => {
    assertImage(image);
    const grid = gridOf(image.height, image.width, config);
    const [, rows, columns] = grid;
    const { data, width, channels } = resizeBicubic(image, rows * P, columns * P);
    const pixelValues = new Float32Array(rows * columns * patchLength);
    const perChannel = channels === 1 ? 0 : 1;
    let at = 0;
    for (let top = 0; top < rows; top += M) {
      for (let left = 0; left < columns; left += M) {
        for (let y = top; y < top + M; y++) {
          for (let x = left; x < left + M; x++) {
            for (let c = 0; c < 3; c++) {
              const table = c * 256;
              for (let py = 0; py < P; py++) {
                let source = ((y * P + py) * width + x * P) * channels + c * perChannel;
                for (let px = 0; px < P; px++) {
                  pixelValues[at++] = lookup[table + data[source]!]!;
                  source += channels;
                }
              }
              for (let t = 1; t < T; t++) {
                pixelValues.copyWithin(at, at - area, at);
                at += area;
              }
            }
          }
        }
      }
    }
    return { pixelValues, patchLength, grid };
  };
}
