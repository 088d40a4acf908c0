import { type Value, value } from "./kernels/value.ts";

/** A seeded source of small shapes and values. */
export interface Random {
  /** Uniform in [0, 1). */
  readonly next: () => number;
  /** Uniform among the integers from `low` to `high`, both included. */
  readonly int: (low: number, high: number) => number;
  readonly flag: () => boolean;
  readonly pick: <T>(items: readonly T[]) => T;
  readonly shape: (minRank: number, maxRank: number, maxSize?: number) => number[];
  /** float64 values, uniform in [low, high). */
  readonly values: (shape: readonly number[], low?: number, high?: number) => Value;
  /** float64 values in [−1, 1], no two closer than 2 / (elements of all shapes), none closer to 0 than half of that. */
  readonly distinct: (...shapes: readonly (readonly number[])[]) => Value[];
  /** int64 values from `low` to `high`, both included. */
  readonly integers: (shape: readonly number[], low: number, high: number) => Value;
  /** Random shapes that broadcast together, of rank `maxRank` at most. */
  readonly broadcastable: (count: number, maxRank?: number) => number[][];
  readonly permutation: (size: number) => number[];
  /** Some of 0 … size − 1, at least `least`, in order. */
  readonly subset: (size: number, least?: number) => number[];
}

/** mulberry32 by Tommy Ettinger (public domain). */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const int = (low: number, high: number) => low + Math.floor(next() * (high - low + 1));
  const flag = () => next() < 0.5;
  const list = <T>(length: number, make: (index: number) => T): T[] =>
    Array.from({ length }, (_, index) => make(index));
  const size = (shape: readonly number[]) => shape.reduce((product, dim) => product * dim, 1);
  const shape = (minRank: number, maxRank: number, maxSize = 3) =>
    list(int(minRank, maxRank), () => int(1, maxSize));
  const permutation = (length: number) => {
    const order = list(length, (index) => index);
    for (let index = length - 1; index > 0; index--) {
      const other = int(0, index);
      [order[index], order[other]] = [order[other]!, order[index]!];
    }
    return order;
  };
  return {
    next,
    int,
    flag,
    pick: (items) => items[int(0, items.length - 1)]!,
    shape,
    values: (dims, low = -1, high = 1) =>
      value(
        "float64",
        dims,
        list(size(dims), () => low + next() * (high - low)),
      ),
    distinct: (...shapes) => {
      const total = shapes.reduce((sum, dims) => sum + size(dims), 0);
      const order = permutation(total).map((place) => (2 * place + 1) / total - 1 + 0.3 / total);
      return shapes.map((dims) => value("float64", dims, order.splice(0, size(dims))));
    },
    integers: (dims, low, high) =>
      value(
        "int64",
        dims,
        list(size(dims), () => int(low, high)),
      ),
    broadcastable: (count, maxRank = 3) => {
      const full = shape(0, maxRank);
      return list(count, () => {
        const dropped = int(0, full.length);
        return flag() ? full : full.slice(dropped).map((dim) => (next() < 0.3 ? 1 : dim));
      });
    },
    permutation,
    subset: (length, least = 0) => {
      const chosen = permutation(length).slice(0, int(Math.min(least, length), length));
      return chosen.sort((a, b) => a - b);
    },
  };
}
