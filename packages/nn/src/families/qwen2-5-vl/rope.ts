// N patches
import { growingTable, type RopeTable } from "../decoder/rope.ts";
import { inverseFrequencies } from "../decoder/rope-scaling.ts";
import type { Grid } from "../positions.ts";
import type { Qwen25VlVisionConfig } from "./config.ts";

/** Row and column of every patch in checkpoint order: merge blocks row by row, inside a block row by row; [2, N]. */
export function patchCoordinates(grids: readonly Grid[], spatialMerge: number): Int32Array {
  const total = grids.reduce((sum, [t, h, w]) => sum + t * h * w, 0);
  const at_2N = new Int32Array(2 * total);
  let n = 0;
  for (const [t, h, w] of grids) {
    for (let frame = 0; frame < t; frame++) {
      for (let top = 0; top < h; top += spatialMerge) {
        for (let left = 0; left < w; left += spatialMerge) {
          for (let y = top; y < top + spatialMerge; y++) {
            for (let x = left; x < left + spatialMerge; x++) {
              at_2N[n] = y;
              at_2N[total + n] = x;
              n++;
            }
          }
        }
      }
    }
  }
  return at_2N;
}

/**
 * Two-dimensional rotary tables of the vision tower: the first quarter of the head turns with the row, the second
 * with the column, and both repeat in the other half (transformers `Qwen2_5_VLVisionRotaryEmbedding`).
 *
 * @returns a function from grids to tables [N, headDim / 2], N patches in checkpoint order
 */
export function visionRope(
  vision: Pick<Qwen25VlVisionConfig, "headDim" | "ropeTheta" | "spatialMerge">,
): (grids: readonly Grid[]) => RopeTable {
  const quarter = vision.headDim / 4;
  const table = growingTable(inverseFrequencies(vision.ropeTheta, vision.headDim / 2));
  return (grids) => {
    const at_2N = patchCoordinates(grids, vision.spatialMerge);
    const patches = at_2N.length / 2;
    const from = table(grids.reduce((most, [, h, w]) => Math.max(most, h, w), 1));
    const cos = new Float32Array(patches * quarter * 2);
    const sin = new Float32Array(patches * quarter * 2);
    for (let n = 0; n < patches; n++) {
      for (let axis = 0; axis < 2; axis++) {
        const source = (at_2N[axis * patches + n] ?? 0) * quarter;
        const target = (2 * n + axis) * quarter;
        for (let i = 0; i < quarter; i++) {
          cos[target + i] = from.cos[source + i] ?? 0;
          sin[target + i] = from.sin[source + i] ?? 0;
        }
      }
    }
    return { cos, sin, shape: [patches, 2 * quarter] };
  };
}
