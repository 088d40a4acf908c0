// S positions of a row · L its tokens without padding
import { type ModelConfig, rowPositions } from "@mede2/nn";
import type { Example, ExampleImage } from "../examples/example.ts";

/** Examples one after the other in one row; none sees another. */
export type PackedRow = {
  readonly tokens: Int32Array;
  readonly images: readonly ExampleImage[];
  /** [3, L] position of each token, as it is when its example stands alone. */
  readonly positions: Int32Array;
  /** Where each example begins. */
  readonly starts: readonly number[];
};

/**
 * Which examples share a row so that none is longer than `capacity`: each goes into the first row that has room, the longest first. Attention over a row costs the square of its
 * length, so rows are as long as the longest example and no longer: fewer rows are then less work of every kind.
 */
export function packRows(lengths: readonly number[], capacity: number): number[][] {
  const order = [...lengths.keys()].sort((a, b) => lengths[b]! - lengths[a]! || a - b);
  const rows: { readonly members: number[]; left: number }[] = [];
  for (const index of order) {
    const length = lengths[index]!;
    const row = rows.find(({ left }) => left >= length);
    if (row === undefined) rows.push({ members: [index], left: capacity - length });
    else {
      row.members.push(index);
      row.left -= length;
    }
  }
  return rows.map(({ members }) => members);
}

export function packedRow(examples: readonly Example[], config: ModelConfig): PackedRow {
  const length = examples.reduce((sum, { tokens }) => sum + tokens.length, 0);
  const tokens = new Int32Array(length);
  const positions = new Int32Array(3 * length);
  const starts: number[] = [];
  let at = 0;
  for (const { tokens: ids, images } of examples) {
    const grids = images.map(({ grid }) => grid);
    const own = rowPositions(ids, grids, config).positions_3S;
    for (let axis = 0; axis < 3; axis++)
      positions.set(own.subarray(axis * ids.length, (axis + 1) * ids.length), axis * length + at);
    tokens.set(ids, at);
    starts.push(at);
    at += ids.length;
  }
  return { tokens, images: examples.flatMap(({ images }) => images), positions, starts };
}

/** [rows, S, S] what is added to attention scores: 0 where a position may be seen, that is before it and in its own example, a large negative number elsewhere. */
export function packedBias(rows: readonly PackedRow[], length: number): Float32Array {
  const bias = new Float32Array(rows.length * length * length).fill(-1e9);
  rows.forEach(({ starts }, row) => {
    let next = 0;
    for (let s = 0; s < length; s++) {
      while (next < starts.length && starts[next]! <= s) next += 1;
      const at = (row * length + s) * length;
      bias.fill(0, at + starts[next - 1]!, at + s + 1);
    }
  });
  return bias;
}
