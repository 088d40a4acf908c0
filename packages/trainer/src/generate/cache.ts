// P positions · B rows · K key heads · E head size
import type { HostTensor } from "../device/device.ts";

/** Keys and values of one layer, position by position, so that a step appends one stretch and the runtime reads a prefix without a copy. Room for more positions than there are. */
export type LayerCache = { readonly keys: Float32Array; readonly values: Float32Array };

/** An empty cache for `positions` positions of `size` numbers each. */
export function newCache(positions: number, size: number): LayerCache {
  return { keys: new Float32Array(positions * size), values: new Float32Array(positions * size) };
}

/** Positions `from` to `to` of a cache, [to − from, …shape], without a copy. */
export function positionsOf(
  data: Float32Array,
  from: number,
  to: number,
  shape: readonly number[],
): HostTensor {
  const size = shape.reduce((product, each) => product * each, 1);
  return { data: data.subarray(from * size, to * size), shape: [to - from, ...shape] };
}

/** Copies the first `count` rows of `from`, a cache of `height` rows, to the rows of `to`, a cache of `width` rows, from `first` on, for so many positions. */
export function putRows(
  to: LayerCache,
  width: number,
  from: LayerCache,
  height: number,
  positions: number,
  stride: number,
  first: number,
  count: number,
): void {
  for (const what of ["keys", "values"] as const)
    for (let p = 0; p < positions; p++) {
      const start = p * height * stride;
      to[what].set(from[what].subarray(start, start + count * stride), (p * width + first) * stride);
    }
}

/**
 * A cache for chosen rows of another one of `width` rows: row b of the result is row `rows[b]` of the source, of which `positions` positions are laid. `stride` is the size of
 * one row of a position (K·E); the result has room for `capacity` positions.
 */
export function layCache(
  source: LayerCache,
  width: number,
  positions: number,
  stride: number,
  rows: readonly number[],
  capacity: number,
): LayerCache {
  const from = width * stride;
  const to = rows.length * stride;
  const laid = newCache(capacity, to);
  for (let p = 0; p < positions; p++)
    for (const [b, row] of rows.entries()) {
      const start = p * from + row * stride;
      laid.keys.set(source.keys.subarray(start, start + stride), p * to + b * stride);
      laid.values.set(source.values.subarray(start, start + stride), p * to + b * stride);
    }
  return laid;
}
