import { require } from "./stats-error.ts";

/** An estimate and its two-sided confidence interval. */
export type Interval = { value: number; low: number; high: number };

/** Probability in each tail for a confidence level such as 0.95. */
export function tail(level: number): number {
  require(level > 0 && level < 1, `the confidence level must lie between 0 and 1, not ${level}`);
  return (1 - level) / 2;
}

/** Linear interpolation between order statistics (type 7 of Hyndman & Fan 1996, numpy's default) of sorted values. */
export function sortedQuantile(sorted: Float64Array, probability: number): number {
  const at = probability * (sorted.length - 1);
  const below = Math.floor(at);
  const value = sorted[below]!;
  return value + (at - below) * ((sorted[below + 1] ?? value) - value);
}
