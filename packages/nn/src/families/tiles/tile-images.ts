// S side of a tile in pixels · P patches a tile · C values a patch
import { NnFault } from "../../fault.ts";
import { type Normalisation, normalisation } from "../../images/normalisation.ts";
import type { DecodedImage, ResizeFilter } from "../../images/resize.ts";
import type { FieldReader } from "../../json-fields.ts";
import type { Tokenizer } from "../../text/tokenizer.ts";
import { type TileSizes, tilePatches } from "./tiles.ts";

/** What `preprocessor_config.json` says about pixels, in every family that cuts tiles. */
export type TileImageSettings = Normalisation & { readonly filter: ResizeFilter };

const FILTERS: { readonly [code: number]: ResizeFilter } = { 1: "lanczos", 3: "bicubic" };

type Triple = readonly [number, number, number];

/** @throws NnFault `config-unsupported` for another resampling than bicubic or Lanczos */
export function readTileImageSettings(
  from: FieldReader,
  defaults: { readonly resample: number; readonly mean: Triple; readonly std: Triple },
): TileImageSettings {
  const triple = (key: string, fallback: Triple): Triple => {
    const [r, g, b] = from.numbers(key, fallback);
    if (r === undefined || g === undefined || b === undefined) from.fail(key, "must be three numbers");
    return [r as number, g as number, b as number];
  };
  const code = from.integer("resample", defaults.resample);
  const filter = FILTERS[code];
  if (filter === undefined)
    throw new NnFault(
      "config-unsupported",
      `${from.file}: resample is ${code}; 1 (Lanczos) and 3 (bicubic) are implemented`,
    );
  const normalised = from.boolean("do_normalize", true);
  return {
    filter,
    rescaleFactor: from.boolean("do_rescale", true) ? from.number("rescale_factor", 1 / 255) : 1,
    mean: normalised ? triple("image_mean", defaults.mean) : [0, 0, 0],
    std: normalised ? triple("image_std", defaults.std) : [1, 1, 1],
  };
}

/** Cuts square tiles out of resized images and normalises them: [P, C] of the tile whose upper left corner is given, in the tower's order. */
export function tileCutter(
  settings: Normalisation,
  sizes: TileSizes,
): (image: DecodedImage, top: number, left: number) => Float32Array {
  const lookup = normalisation(settings);
  const { imageSize: S } = sizes;
  return ({ data, width, channels }, top, left) => {
    const tile = new Float32Array(3 * S * S);
    const perChannel = channels === 1 ? 0 : 1;
    for (let c = 0; c < 3; c++)
      for (let y = 0; y < S; y++)
        for (let x = 0; x < S; x++)
          tile[(c * S + y) * S + x] =
            lookup[c * 256 + data[((top + y) * width + left + x) * channels + c * perChannel]!]!;
    return tilePatches(tile, sizes);
  };
}

export function joined(parts: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** The id of a token that the family's processor writes. @throws NnFault `processor-mismatch` when the tokenizer lacks it */
export function neededToken(tokenizer: Tokenizer, token: string): number {
  const id = tokenizer.idOf(token);
  if (id !== undefined) return id;
  throw new NnFault(
    "processor-mismatch",
    `the tokenizer lacks ${token}, which this family's images are written with; the files of this model folder do not belong together`,
  );
}
