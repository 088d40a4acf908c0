// N windows · P patches of the largest window · L patches of all images · U merged units (L / merge²)
import { NnFault } from "../../fault.ts";
import type { Grid } from "../positions.ts";
import type { Qwen25VlVisionConfig } from "./config.ts";
import { mergedGrid } from "./positions.ts";

/**
 * Attention groups of patches as a padded [N, P] rectangle. Gather patches with `patches_NP`, attend inside each row
 * where `mask_NP` is 1, and come back to checkpoint order by gathering row `inverse_L[l]` of the flattened [N·P].
 * transformers reorders all patches by window and un-reorders after the merger instead; the results are equal,
 * since nothing but attention mixes patches and the merger mixes only inside a unit, which stays whole.
 */
export type PatchGroups = {
  readonly groups: number;
  readonly patchesPerGroup: number;
  /** [N, P] index of the patch; 0 where padded. */
  readonly patches_NP: Int32Array;
  /** [N, P] 1 at a patch, 0 at padding. */
  readonly mask_NP: Uint8Array;
  /** [L] place of each patch in the flattened [N·P]. */
  readonly inverse_L: Int32Array;
  /** [U] merged units in window order: `window_index` of transformers. */
  readonly unitOrder_U: Int32Array;
  /** [N + 1] where each group begins, in patches: `cu_window_seqlens` (or `cu_seqlens`) of transformers. */
  readonly starts: Int32Array;
};

export type GroupPadding = {
  /** Pad every row to at least this many patches (fixed shapes across batches). */
  readonly patchesPerGroup?: number;
  /** Append empty rows up to this many. Their mask is 0 throughout: mask with a large negative number, not −∞. */
  readonly groups?: number;
};

/** Windows of `windowSize` pixels, cut from the top left of each frame, smaller at the right and bottom edges. */
export function windowGroups(
  grids: readonly Grid[],
  vision: Pick<Qwen25VlVisionConfig, "windowSize" | "patchSize" | "spatialMerge">,
  padding: GroupPadding = {},
): PatchGroups {
  const side = Math.floor(Math.floor(vision.windowSize / vision.spatialMerge) / vision.patchSize);
  return group(grids, vision.spatialMerge, () => side, padding);
}

/** One group for each frame: what the full-attention blocks attend over. */
export function frameGroups(
  grids: readonly Grid[],
  vision: Pick<Qwen25VlVisionConfig, "spatialMerge">,
  padding: GroupPadding = {},
): PatchGroups {
  return group(grids, vision.spatialMerge, (rows, columns) => Math.max(rows, columns), padding);
}

function group(
  grids: readonly Grid[],
  merge: number,
  sideOf: (rows: number, columns: number) => number,
  padding: GroupPadding,
): PatchGroups {
  const order: number[] = [];
  const starts: number[] = [0];
  let first = 0;
  for (const grid of grids) {
    const [t, rows, columns] = mergedGrid(grid, merge);
    const side = sideOf(rows, columns);
    for (let frame = 0; frame < t; frame++) {
      for (let top = 0; top < rows; top += side) {
        for (let left = 0; left < columns; left += side) {
          for (let y = top; y < Math.min(top + side, rows); y++) {
            for (let x = left; x < Math.min(left + side, columns); x++) {
              order.push(first + (frame * rows + y) * columns + x);
            }
          }
          starts.push(order.length * merge ** 2);
        }
      }
    }
    first += t * rows * columns;
  }
  return rectangle(Int32Array.from(order), Int32Array.from(starts), merge ** 2, padding);
}

function rectangle(
  unitOrder_U: Int32Array,
  starts: Int32Array,
  patchesPerUnit: number,
  padding: GroupPadding,
): PatchGroups {
  const real = starts.length - 1;
  const sizes = Array.from({ length: real }, (_, n) => (starts[n + 1] ?? 0) - (starts[n] ?? 0));
  const widest = sizes.reduce((most, size) => Math.max(most, size), 0);
  const patchesPerGroup = Math.max(widest, padding.patchesPerGroup ?? 0);
  const groups = padding.groups ?? real;
  if (groups < real) {
    throw new NnFault(
      "groups-too-few",
      `these images have ${real} attention groups, but room is for ${groups}`,
    );
  }
  const patches_NP = new Int32Array(groups * patchesPerGroup);
  const mask_NP = new Uint8Array(groups * patchesPerGroup);
  const inverse_L = new Int32Array(unitOrder_U.length * patchesPerUnit);
  for (let n = 0; n < real; n++) {
    const start = starts[n] ?? 0;
    for (let i = 0; i < (sizes[n] ?? 0); i++) {
      const unit = unitOrder_U[Math.floor((start + i) / patchesPerUnit)] ?? 0;
      const patch = unit * patchesPerUnit + ((start + i) % patchesPerUnit);
      const place = n * patchesPerGroup + i;
      patches_NP[place] = patch;
      mask_NP[place] = 1;
      inverse_L[patch] = place;
    }
  }
  return { groups, patchesPerGroup, patches_NP, mask_NP, inverse_L, unitOrder_U, starts };
}
