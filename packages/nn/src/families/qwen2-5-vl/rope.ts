// B batch · S length · H half of the head size · N patches
import type { Qwen25VlTextConfig, Qwen25VlVisionConfig } from "./config.ts";
import type { Grid } from "./positions.ts";

export type RopeTable = {
  /** Cosines of one half of the head, row-major; the other half is equal. */
  readonly cos: Float32Array;
  readonly sin: Float32Array;
  /** Rows (tokens or patches) and columns (half of the head size). */
  readonly shape: readonly [rows: number, half: number];
};

/** θ^(−2i/dim) for i < dim/2, rounded to float32 at each step as PyTorch does (RoFormer, arXiv 2104.09864 eq. 15). */
export function inverseFrequencies(theta: number, dim: number): Float32Array {
  return Float32Array.from({ length: dim / 2 }, (_, i) =>
    Math.fround(1 / Math.fround(theta ** Math.fround((2 * i) / dim))),
  );
}

/** cos and sin of position × frequency for positions 0 … n − 1, grown on demand and kept. */
function growingTable(
  frequencies: Float32Array,
): (positions: number) => { cos: Float32Array; sin: Float32Array } {
  const half = frequencies.length;
  let held = 0;
  let cos = new Float32Array(0);
  let sin = new Float32Array(0);
  return (positions) => {
    if (positions > held) {
      const wanted = Math.max(positions, 2 * held, 64);
      const [oldCos, oldSin] = [cos, sin];
      cos = new Float32Array(wanted * half);
      sin = new Float32Array(wanted * half);
      cos.set(oldCos);
      sin.set(oldSin);
      for (let p = held; p < wanted; p++) {
        for (let i = 0; i < half; i++) {
          const angle = Math.fround(p * (frequencies[i] ?? 0));
          cos[p * half + i] = Math.cos(angle);
          sin[p * half + i] = Math.sin(angle);
        }
      }
      held = wanted;
    }
    return { cos, sin };
  };
}

/**
 * Rotary tables of the decoder from M-RoPE positions. Frequency i turns with the temporal position while
 * i < section[0], then with the height, then with the width (Qwen2-VL, arXiv 2409.12191 §2.1; transformers
 * `recomposition_frequencies`). All layers share one table.
 *
 * @returns a function from positions [3, rows] to tables [rows, headDim / 2]
 */
export function decoderRope(
  text: Pick<Qwen25VlTextConfig, "headDim" | "ropeTheta" | "mropeSection">,
): (positions_3R: Int32Array) => RopeTable {
  const half = text.headDim / 2;
  const table = growingTable(inverseFrequencies(text.ropeTheta, text.headDim));
  const [t, h] = text.mropeSection;
  const starts = [0, t, t + h];
  const ends = [t, t + h, half];
  return (positions_3R) => {
    const rows = positions_3R.length / 3;
    let highest = 0;
    for (const p of positions_3R) if (p > highest) highest = p;
    const from = table(highest + 1);
    const cos = new Float32Array(rows * half);
    const sin = new Float32Array(rows * half);
    for (let axis = 0; axis < 3; axis++) {
      const start = starts[axis] ?? 0;
      const end = ends[axis] ?? 0;
      for (let row = 0; row < rows; row++) {
        const source = (positions_3R[axis * rows + row] ?? 0) * half;
        const target = row * half;
        for (let i = start; i < end; i++) {
          cos[target + i] = from.cos[source + i] ?? 0;
          sin[target + i] = from.sin[source + i] ?? 0;
        }
      }
    }
    return { cos, sin, shape: [rows, half] };
  };
}

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
