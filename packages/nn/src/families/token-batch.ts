// B rows · S positions · E head size
import type { ModelTokens } from "./decoder/config.ts";
import { decoderRope } from "./decoder/rope.ts";
import { rowPositions } from "./families.ts";
import type { ModelConfig } from "./model-config.ts";
import type { Grid } from "./positions.ts";

/** Rotary tables grow with the longest position seen: one for a configuration. */
const ropes = new WeakMap<ModelConfig, ReturnType<typeof decoderRope>>();

/** The rotary tables of a model's decoder, kept with its configuration. */
export function modelRope(config: ModelConfig): ReturnType<typeof decoderRope> {
  const known = ropes.get(config) ?? decoderRope(config.text);
  ropes.set(config, known);
  return known;
}

export type TokenBatch = {
  readonly tokens: BigInt64Array;
  readonly cosines: Float32Array;
  readonly sines: Float32Array;
  readonly imageIndex?: BigInt64Array;
};

/** One row of a batch: its tokens, and for each of its images the grid and the feature rows of its units. */
export type TokenRow = {
  readonly tokens: readonly number[] | Int32Array;
  readonly images?: readonly { readonly grid: Grid; readonly rows: Int32Array }[];
  /** [3, its tokens] positions where they do not simply follow from tokens and grids. */
  readonly positions?: Int32Array;
};

/** Token ids, rotary tables and image index of rows padded to `length` with `pad`: on the right to train, on the left to generate. */
export function tokenBatch(
  rows: readonly TokenRow[],
  length: number,
  config: ModelConfig,
  pad: number,
  side: "left" | "right" = "right",
): TokenBatch {
  const count = rows.length * length;
  const special: ModelTokens = config.tokens;
  const tokens = new BigInt64Array(count).fill(BigInt(pad));
  const positions = new Int32Array(3 * count);
  const imageIndex = new BigInt64Array(count);
  rows.forEach((row, b) => {
    const ids = Int32Array.from(row.tokens);
    const first = b * length + (side === "left" ? length - ids.length : 0);
    const images = row.images ?? [];
    const grids = images.map((image) => image.grid);
    const at = row.positions ?? rowPositions(ids, grids, config).positions_3S;
    const features = images.flatMap((image) => [...image.rows]);
    let next = 0;
    ids.forEach((id, s) => {
      tokens[first + s] = BigInt(id);
      if (id === special.image) imageIndex[first + s] = BigInt(features[next++]! + 1);
      for (let axis = 0; axis < 3; axis++) positions[axis * count + first + s] = at[axis * ids.length + s]!;
    });
  });
  const table = modelRope(config)(positions);
  const hasImages = rows.some((row) => (row.images?.length ?? 0) > 0);
  return { tokens, cosines: table.cos, sines: table.sin, ...(hasImages ? { imageIndex } : {}) };
}
