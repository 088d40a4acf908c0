// P positions · B rows · K key heads · E head size
/** Keys and values of one layer, position by position, so that a step appends one stretch and the runtime reads a prefix without a copy. */
export type LayerCache = { readonly keys: Float32Array; readonly values: Float32Array };

/**
 * A cache for chosen rows of another one: row b of the result is row `rows[b]` of the source, which holds `positions` positions. `stride` is the size of one row of a
 * position (K·E); the result has room for `capacity` positions.
 */
export function layCache(
  source: LayerCache,
  positions: number,
  stride: number,
  rows: readonly number[],
  capacity: number,
): LayerCache {
  const from = source.keys.length / positions;
  const width = rows.length * stride;
  const laid = { keys: new Float32Array(capacity * width), values: new Float32Array(capacity * width) };
  for (let p = 0; p < positions; p++)
    for (const [b, row] of rows.entries()) {
      const start = p * from + row * stride;
      laid.keys.set(source.keys.subarray(start, start + stride), p * width + b * stride);
      laid.values.set(source.values.subarray(start, start + stride), p * width + b * stride);
    }
  return laid;
}
