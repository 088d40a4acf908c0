import { NnFault } from "../../fault.ts";
import { assertImage, resize } from "../../images/resize.ts";
import { fieldReader } from "../../json-fields.ts";
import type { Tokenizer } from "../../text/tokenizer.ts";
import type { ImageSide } from "../image-side.ts";
import type { Grid } from "../positions.ts";
import { joined, neededToken, readTileImageSettings, tileCutter } from "../tiles/tile-images.ts";
import { featuresPerTile } from "../tiles/tiles.ts";
import type { SmolVlmConfig } from "./config.ts";

const STANDARD = { resample: 1, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } as const;
const MAX_SIDE = 4096;

/**
 * Image splitting of Idefics3 (arXiv 2408.12637 §3.1) and SmolVLM, as their processors of transformers 5.23.0 with the PIL back end: the longest side is
 * resized to `size.longest_edge`, then both to multiples of the tile, the tiles are cut, and the whole image follows as one more tile. Grids are
 * [tiles, rows, columns], with 0 rows and columns where the image is not split.
 */
export function smolVlmImageSide(
  json: unknown,
  file: string,
  { vision, tokens }: SmolVlmConfig,
  tokenizer: Tokenizer,
): ImageSide {
  const root = fieldReader(json, file);
  const from = root.object("image_processor") ?? root;
  const settings = readTileImageSettings(from, STANDARD);
  const side = from.object("max_image_size")?.integer("longest_edge", 364) ?? 364;
  if (side !== vision.imageSize)
    throw new NnFault(
      "processor-mismatch",
      `${file}: max_image_size is ${side}, image_size in config.json is ${vision.imageSize}; the files of this model folder do not belong together`,
    );
  const longest = from.boolean("do_resize", true)
    ? (from.object("size")?.integer("longest_edge", 4 * side) ?? 4 * side)
    : undefined;
  const splits = from.boolean("do_image_splitting", true);
  const cut = tileCutter(settings, vision);
  const features = featuresPerTile(vision);
  for (const token of ["<fake_token_around_image>", "<global-img>"]) neededToken(tokenizer, token);
  // Idefics3 is published with an eos_token that its template never writes
  const turnEnd = tokenizer.idOf("<end_of_utterance>");
  const image = tokenizer.tokenOf(tokens.image);
  if (image === undefined)
    throw new NnFault("processor-mismatch", `image_token_id ${tokens.image} is not in the tokenizer`);

  const first = (height: number, width: number): readonly [number, number] =>
    longest === undefined ? [height, width] : shrunk(...fitted(height, width, longest));
  const split = (height: number, width: number): readonly [number, number] => multiples(height, width, side);
  const gridOf = (height: number, width: number): Grid => {
    if (!splits) return [1, 0, 0];
    const [h, w] = split(...first(height, width));
    return h > side || w > side ? [(h / side) * (w / side) + 1, h / side, w / side] : [1, 0, 0];
  };
  const expand = ([, rows, columns]: Grid): number[] => {
    const one = (name: string): string => `<fake_token_around_image>${name}${image.repeat(features)}`;
    const line = (row: number): string =>
      `${Array.from({ length: columns }, (_, c) => one(`<row_${row + 1}_col_${c + 1}>`)).join("")}\n`;
    const tiles = Array.from({ length: rows }, (_, row) => line(row)).join("");
    return tokenizer.encode(
      `${tiles}${rows === 0 ? "" : "\n"}${one("<global-img>")}<fake_token_around_image>`,
    );
  };
  return {
    minPixels: side ** 2,
    maxPixels: Math.max(side, longest ?? MAX_SIDE) ** 2,
    patchLength: vision.inChannels * vision.patchSize ** 2,
    placeholder: tokens.image,
    ...(turnEnd === undefined ? {} : { turnEnd }),
    gridOf,
    process: (given) => {
      assertImage(given);
      const grid = gridOf(given.height, given.width);
      const [, rows, columns] = grid;
      const { filter } = settings;
      const sized = resize(given, ...first(given.height, given.width), filter);
      const whole = splits ? resize(sized, ...split(sized.height, sized.width), filter) : sized;
      const parts = Array.from({ length: rows * columns }, (_, i) =>
        cut(whole, Math.floor(i / columns) * side, (i % columns) * side),
      );
      parts.push(cut(resize(whole, side, side, filter), 0, 0));
      return { pixelValues: joined(parts), patchLength: vision.inChannels * vision.patchSize ** 2, grid };
    },
    expand,
    alone: expand,
  };
}

/** The longest side becomes `longest`, the other keeps the shape and is even. */
function fitted(height: number, width: number, longest: number): [number, number] {
  const ratio = width / height;
  const even = (x: number): number => Math.max(1, x % 2 === 0 ? x : x + 1);
  if (width >= height) return [even(Math.trunc(longest / ratio)), longest];
  return [longest, even(Math.trunc(longest * ratio))];
}

/** No side is longer than the processor's own limit. */
function shrunk(height: number, width: number): [number, number] {
  const ratio = width / height;
  if (width >= height && width > MAX_SIDE) return [Math.max(1, Math.trunc(MAX_SIDE / ratio)), MAX_SIDE];
  if (height > width && height > MAX_SIDE) return [MAX_SIDE, Math.max(1, Math.trunc(MAX_SIDE * ratio))];
  return [height, width];
}

/** Both sides as multiples of a tile; the shorter one follows the longer one before it is rounded up. */
function multiples(height: number, width: number, side: number): [number, number] {
  const ratio = width / height;
  const up = (x: number): number => Math.ceil(x / side) * side;
  if (width >= height) return [up(Math.trunc(up(width) / ratio)), up(width)];
  return [up(height), up(Math.trunc(up(height) * ratio))];
}
