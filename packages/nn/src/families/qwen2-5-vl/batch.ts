// N images · W windows · P patches a window · C values a patch · B rows · S positions · E head size
import type { Qwen25VlConfig } from "./config.ts";
import type { ProcessedImage } from "./image-processor.ts";
import { type Grid, imageTokenCount, mropePositions } from "./positions.ts";
import { decoderRope, visionRope } from "./rope.ts";
import type { VisionLayout } from "./vision.ts";
import { windowGroups } from "./windows.ts";

/** Rotary tables grow with the longest position seen: one of each for a configuration. */
const ropes = new WeakMap<
  Qwen25VlConfig,
  { vision: ReturnType<typeof visionRope>; text: ReturnType<typeof decoderRope> }
>();

function ropesOf(config: Qwen25VlConfig): {
  vision: ReturnType<typeof visionRope>;
  text: ReturnType<typeof decoderRope>;
} {
  const known = ropes.get(config) ?? { vision: visionRope(config.vision), text: decoderRope(config.text) };
  ropes.set(config, known);
  return known;
}

export type VisionBatch = {
  readonly layout: VisionLayout;
  readonly pixels: Float32Array;
  readonly cosines: Float32Array;
  readonly sines: Float32Array;
  readonly bias?: Float32Array;
  /** For each image, the row of the tower's output at which each of its units (in checkpoint order) stands. */
  readonly unitRows: readonly Int32Array[];
};

/** Arranges images in window order for `visionTower`, padded to equal window counts and sizes. */
export function visionBatch(
  images: readonly Pick<ProcessedImage, "pixelValues" | "grid">[],
  config: Qwen25VlConfig,
): VisionBatch {
  const { vision } = config;
  const unit = vision.spatialMerge ** 2;
  const rope = ropesOf(config).vision;
  const alone = images.map((image) => windowGroups([image.grid], vision));
  const windows = Math.max(...alone.map((each) => each.groups));
  const patches = Math.max(...alone.map((each) => each.patchesPerGroup));
  const layout = {
    images: images.length,
    windows,
    patches,
    padded: alone.some((each) => each.mask_NP.length !== windows * patches || each.mask_NP.includes(0)),
  };
  const [rows, half] = [images.length * windows * patches, vision.headDim / 2];
  const values = vision.inChannels * vision.temporalPatchSize * vision.patchSize ** 2;
  const [pixels, cosines, sines] = [
    new Float32Array(rows * values),
    new Float32Array(rows * half),
    new Float32Array(rows * half),
  ];
  const bias = new Float32Array(rows);
  const unitRows = images.map((image, n) => {
    const groups = windowGroups([image.grid], vision, { patchesPerGroup: patches, groups: windows });
    const table = rope([image.grid]);
    const first = n * windows * patches;
    groups.mask_NP.forEach((real, place) => {
      const row = first + place;
      if (real === 0) {
        bias[row] = -1e9;
        return;
      }
      const patch = groups.patches_NP[place]!;
      pixels.set(image.pixelValues.subarray(patch * values, (patch + 1) * values), row * values);
      cosines.set(table.cos.subarray(patch * half, (patch + 1) * half), row * half);
      sines.set(table.sin.subarray(patch * half, (patch + 1) * half), row * half);
    });
    return Int32Array.from(
      { length: groups.inverse_L.length / unit },
      (_, u) => (first + groups.inverse_L[u * unit]!) / unit,
    );
  });
  return { layout, pixels, cosines, sines, ...(layout.padded ? { bias } : {}), unitRows };
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
};

/** Token ids, rotary tables and image index of rows padded to `length` with `pad`: on the right to train, on the left to generate. */
export function tokenBatch(
  rows: readonly TokenRow[],
  length: number,
  config: Qwen25VlConfig,
  pad: number,
  side: "left" | "right" = "right",
): TokenBatch {
  const count = rows.length * length;
  const tokens = new BigInt64Array(count).fill(BigInt(pad));
  const positions = new Int32Array(3 * count);
  const imageIndex = new BigInt64Array(count);
  rows.forEach((row, b) => {
    const ids = Int32Array.from(row.tokens);
    const first = b * length + (side === "left" ? length - ids.length : 0);
    const at = mropePositions({
      inputIds_BS: ids,
      batch: 1,
      length: ids.length,
      grids: (row.images ?? []).map((image) => image.grid),
      tokens: config.tokens,
      spatialMerge: config.vision.spatialMerge,
    }).positions_3BS;
    const features = (row.images ?? []).flatMap((image) => [...image.rows]);
    let next = 0;
    ids.forEach((id, s) => {
      tokens[first + s] = BigInt(id);
      if (id === config.tokens.image) imageIndex[first + s] = BigInt(features[next++]! + 1);
      for (let axis = 0; axis < 3; axis++) positions[axis * count + first + s] = at[axis * ids.length + s]!;
    });
  });
  const table = ropesOf(config).text(positions);
  const hasImages = rows.some((row) => (row.images?.length ?? 0) > 0);
  return { tokens, cosines: table.cos, sines: table.sin, ...(hasImages ? { imageIndex } : {}) };
}

/** Number of decoder positions that an image takes. */
export function imageTokens(grid: Grid, config: Qwen25VlConfig): number {
  return imageTokenCount(grid, config.vision.spatialMerge);
}
