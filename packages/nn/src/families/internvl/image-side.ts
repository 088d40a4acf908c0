import { NnFault } from "../../fault.ts";
import { assertImage, resize } from "../../images/resize.ts";
import { fieldReader } from "../../json-fields.ts";
import type { Tokenizer } from "../../text/tokenizer.ts";
import type { ImageSide } from "../image-side.ts";
import type { Grid } from "../positions.ts";
import { joined, neededToken, readTileImageSettings, tileCutter } from "../tiles/tile-images.ts";
import { featuresPerTile } from "../tiles/tiles.ts";
import type { InternVlConfig } from "./config.ts";

const CLIP = {
  resample: 3,
  mean: [0.48145466, 0.4578275, 0.40821073],
  std: [0.26862954, 0.26130258, 0.27577711],
} as const;

/**
 * Dynamic tiling (InternVL 1.5, arXiv 2404.16821 §3.2), as `InternVLProcessor` of transformers 5.23.0 with the PIL back end: the image is resized to
 * the arrangement of tiles that is nearest to its shape, cut, and followed by a thumbnail where there is more than one tile.
 */
export function internVlImageSide(
  json: unknown,
  file: string,
  { vision, tokens }: InternVlConfig,
  tokenizer: Tokenizer,
): ImageSide {
  const root = fieldReader(json, file);
  const from = root.object("image_processor") ?? root;
  const settings = readTileImageSettings(from, CLIP);
  const size = from.object("size");
  const side = size?.integer("height", vision.imageSize) ?? vision.imageSize;
  if (side !== vision.imageSize || (size?.integer("width", side) ?? side) !== side)
    throw new NnFault(
      "processor-mismatch",
      `${file}: size is ${side}, image_size in config.json is ${vision.imageSize}; the files of this model folder do not belong together`,
    );
  // the published files say false here, and the processor overrules them
  const least = from.integer("min_patches", 1);
  const most = from.integer("max_patches", 12);
  const [open, close] = [neededToken(tokenizer, "<img>"), neededToken(tokenizer, "</img>")];
  const arrangements = tileArrangements(least, most);
  const cut = tileCutter(settings, vision);
  const gridOf = (height: number, width: number): Grid => {
    const [columns, rows] = most > 1 ? nearest(arrangements, height, width, side) : [1, 1];
    return [columns * rows === 1 ? 1 : columns * rows + 1, rows, columns];
  };
  const expand = ([tiles]: Grid): number[] => [
    open,
    ...new Array<number>(tiles * featuresPerTile(vision)).fill(tokens.image),
    close,
  ];
  return {
    minPixels: side ** 2,
    maxPixels: most * side ** 2,
    patchLength: vision.inChannels * vision.patchSize ** 2,
    placeholder: tokens.image,
    gridOf,
    process: (image) => {
      assertImage(image);
      const grid = gridOf(image.height, image.width);
      const [tiles, rows, columns] = grid;
      const whole = resize(image, rows * side, columns * side, settings.filter);
      const parts = Array.from({ length: rows * columns }, (_, i) =>
        cut(whole, Math.floor(i / columns) * side, (i % columns) * side),
      );
      if (tiles > parts.length) parts.push(cut(resize(image, side, side, settings.filter), 0, 0));
      return { pixelValues: joined(parts), patchLength: vision.inChannels * vision.patchSize ** 2, grid };
    },
    expand,
    alone: expand,
  };
}

/** [columns, rows] of every arrangement of `least` to `most` tiles, few tiles first. */
function tileArrangements(least: number, most: number): readonly (readonly [number, number])[] {
  const all: [number, number][] = [];
  for (let columns = 1; columns <= most; columns++)
    for (let rows = 1; rows <= most; rows++)
      if (columns * rows >= least && columns * rows <= most) all.push([columns, rows]);
  return all.sort((a, b) => a[0] * a[1] - b[0] * b[1]);
}

/** The arrangement whose shape is nearest; of equal ones the larger, unless it has more than twice the image's pixels. */
function nearest(
  arrangements: readonly (readonly [number, number])[],
  height: number,
  width: number,
  side: number,
): readonly [number, number] {
  let best: readonly [number, number] = [1, 1];
  let least = Number.POSITIVE_INFINITY;
  for (const [columns, rows] of arrangements) {
    const difference = Math.abs(width / height - columns / rows);
    const larger = difference === least && width * height > 0.5 * side * side * columns * rows;
    if (difference < least || larger) best = [columns, rows];
    least = Math.min(least, difference);
  }
  return best;
}
