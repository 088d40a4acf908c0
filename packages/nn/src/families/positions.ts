// S positions

/** Patches of one image: frames (after temporal merging), rows, columns; before the spatial merge. Where images are cut into tiles: tiles, rows and columns of tiles. */
export type Grid = readonly [t: number, h: number, w: number];

export type RowPositions = {
  /** [3, S] position of each token on the temporal, height and width axes; a model with one axis reads the first. */
  readonly positions_3S: Int32Array;
  /** Added to a token's index to get its position when generation goes on. */
  readonly delta: number;
};

/** Every token counts one, images too. */
export function countedPositions(ids: Int32Array): RowPositions {
  const length = ids.length;
  return { positions_3S: Int32Array.from({ length: 3 * length }, (_, i) => i % length), delta: 0 };
}
