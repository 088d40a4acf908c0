// B batch · S length · H half of the head size
import type { DecoderConfig } from "./config.ts";
import { scaledFrequencies } from "./rope-scaling.ts";

export type RopeTable = {
  /** Cosines of one half of the head, row-major; the other half is equal. */
  readonly cos: Float32Array;
  readonly sin: Float32Array;
  /** Rows (tokens or patches) and columns (half of the head size). */
  readonly shape: readonly [rows: number, half: number];
};

/** cos and sin of position × frequency for positions 0 … n − 1, times `factor`; grown on demand and kept. */
export function growingTable(
  frequencies: Float32Array,
  factor = 1,
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
          cos[p * half + i] = Math.cos(angle) * factor;
          sin[p * half + i] = Math.sin(angle) * factor;
        }
      }
      held = wanted;
    }
    return { cos, sin };
  };
}

/** Which of the three position axes each frequency turns with. */
function axesOf({
  headDim,
  mropeSection,
  mropeInterleaved,
}: Pick<DecoderConfig, "headDim" | "mropeSection" | "mropeInterleaved">): Uint8Array {
  const axes = new Uint8Array(headDim / 2);
  if (mropeSection === undefined) return axes;
  const [t, h, w] = mropeSection;
  if (mropeInterleaved === true) {
    // T H W T H W … and the temporal axis where height and width have used up their share (transformers `apply_interleaved_mrope`)
    for (let i = 1; i < 3 * h; i += 3) axes[i] = 1;
    for (let i = 2; i < 3 * w; i += 3) axes[i] = 2;
    return axes;
  }
  return axes.fill(1, t, t + h).fill(2, t + h);
}

/**
 * Rotary tables of a decoder from position ids on three axes, of which a text model reads the first. With M-RoPE frequency i turns with the
 * temporal position while i < section[0], then with the height, then with the width (Qwen2-VL, arXiv 2409.12191 §2.1; transformers
 * `recomposition_frequencies`). All layers share one table.
 *
 * With dynamic scaling the frequencies depend on the longest position of the call, as in transformers on the longest of the batch.
 *
 * @returns a function from positions [3, rows] to tables [rows, headDim / 2]
 */
export function decoderRope(
  text: Pick<DecoderConfig, "headDim" | "ropeTheta" | "mropeSection" | "mropeInterleaved" | "ropeScaling"> &
    Partial<Pick<DecoderConfig, "maxPositions">>,
): (positions_3R: Int32Array) => RopeTable {
  const { headDim, ropeTheta, ropeScaling, maxPositions = 0 } = text;
  const half = headDim / 2;
  const axes = axesOf(text);
  const factor = ropeScaling?.kind === "yarn" ? ropeScaling.attentionFactor : 1;
  const tableFor = (positions: number) =>
    growingTable(scaledFrequencies(ropeTheta, headDim, ropeScaling, positions, maxPositions), factor);
  const usual = tableFor(maxPositions);
  return (positions_3R) => {
    const rows = positions_3R.length / 3;
    let highest = 0;
    for (const p of positions_3R) if (p > highest) highest = p;
    const longer = ropeScaling?.kind === "dynamic" && highest + 1 > maxPositions;
    const from = (longer ? tableFor(highest + 1) : usual)(highest + 1);
    const cos = new Float32Array(rows * half);
    const sin = new Float32Array(rows * half);
    for (let row = 0; row < rows; row++) {
      for (let i = 0; i < half; i++) {
        const source = positions_3R[axes[i]! * rows + row]! * half + i;
        cos[row * half + i] = from.cos[source]!;
        sin[row * half + i] = from.sin[source]!;
      }
    }
    return { cos, sin, shape: [rows, half] };
  };
}
