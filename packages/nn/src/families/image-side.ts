// L patches of all images · C values a patch
import type { DecodedImage } from "../images/resize.ts";
import type { Grid } from "./positions.ts";

/** One prepared image. */
export type ProcessedImage = {
  /** [L, C] in the order of the checkpoint. */
  readonly pixelValues: Float32Array;
  readonly patchLength: number;
  readonly grid: Grid;
};

/** What a model folder's image processor does, in any family. */
export type ImageSide = {
  /** Bounds of the number of pixels that reach the tower; 1 and 1 for a model that reads text only. */
  readonly minPixels: number;
  readonly maxPixels: number;
  readonly patchLength: number;
  /** Closes a turn in the family's templates, where the tokenizer may name another `eos_token`. */
  readonly turnEnd?: number;
  /** Stands once for each image in a rendered conversation. */
  readonly placeholder?: number;
  /** The grid that an image of this size will get, without touching pixels. */
  gridOf(height: number, width: number): Grid;
  process(image: DecodedImage): ProcessedImage;
  /** The tokens that take the place of an image's placeholder. */
  expand(grid: Grid): readonly number[];
  /** The tokens of an image that stands outside any conversation: with its opening and closing ones. */
  alone(grid: Grid): readonly number[];
};
