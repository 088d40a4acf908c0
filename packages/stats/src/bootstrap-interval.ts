import { type Interval, sortedQuantile, tail } from "./interval.ts";
import { createRandom } from "./random.ts";
import { require } from "./stats-error.ts";

/**
 * Percentile bootstrap of any statistic of n units. `statistic` gets n indices, drawn with replacement (first the identity, whose
 * result is the estimate), and must not keep the array; it may return null for a resample in which it is undefined: such resamples are
 * left out and counted.
 */
export function bootstrapInterval(
  n: number,
  statistic: (indices: Uint32Array) => number | null,
  {
    resamples = 2_000,
    seed = 0,
    level = 0.95,
  }: { resamples?: number; seed?: number | string; level?: number } = {},
): Interval & { undefinedResamples: number } {
  require(n > 0, "there is nothing to resample", "STATS_NO_DATA");
  const indices = Uint32Array.from({ length: n }, (_, i) => i);
  const value = statistic(indices);
  require(value !== null, "the statistic is undefined for this data", "STATS_UNDEFINED");
  const random = createRandom(seed);
  const draws: number[] = [];
  for (let draw = 0; draw < resamples; draw++) {
    for (let i = 0; i < n; i++) indices[i] = random.below(n);
    const drawn = statistic(indices);
    if (drawn !== null) draws.push(drawn);
  }
  require(draws.length >=
    resamples /
      2, "the statistic is undefined in most resamples: there is too little data for an interval", "STATS_UNDEFINED");
  const sorted = Float64Array.from(draws).sort();
  return {
    value,
    low: sortedQuantile(sorted, tail(level)),
    high: sortedQuantile(sorted, 1 - tail(level)),
    undefinedResamples: resamples - draws.length,
  };
}
