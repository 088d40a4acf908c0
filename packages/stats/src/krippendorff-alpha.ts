import { bootstrapInterval } from "./bootstrap-interval.ts";
import type { Interval } from "./interval.ts";
import { require } from "./stats-error.ts";

export type AlphaOptions = {
  /** How far apart two values are: names, ranks or numbers. */
  metric?: "nominal" | "ordinal" | "interval";
  resamples?: number;
  seed?: number | string;
  level?: number;
};

/**
 * Krippendorff's alpha (2011, "Computing Krippendorff's Alpha-Reliability", §§ C–D). `ratings[unit][rater]`; null where a rater gave none.
 * Units with fewer than two ratings do not count. The interval is a percentile bootstrap over units. Throws `STATS_NO_DATA` without
 * a pair of ratings, `STATS_UNDEFINED` when all ratings are equal.
 */
export function krippendorffAlpha(
  ratings: readonly (readonly (number | null)[])[],
  options: AlphaOptions = {},
): Interval & { units: number } {
  const { metric = "nominal", ...bootstrap } = options;
  const units = ratings
    .map((unit) => unit.filter((value): value is number => value !== null))
    .filter((unit) => unit.length >= 2);
  require(units.length > 0, "no unit has two ratings", "STATS_NO_DATA");
  const values = [...new Set(units.flat())].sort((x, y) => x - y);
  const at = new Map(values.map((value, index) => [value, index]));
  const counts = units.map((unit) => {
    const row = new Float64Array(values.length);
    for (const value of unit) row[at.get(value)!]!++;
    return row;
  });
  require(values.length >
    1, "alpha is undefined: all ratings are equal; report the agreement alone", "STATS_UNDEFINED");
  const { value, low, high } = bootstrapInterval(
    units.length,
    (drawn) => alphaOf(drawn, counts, values, metric),
    bootstrap,
  );
  return { value, low, high, units: units.length };
}

function alphaOf(
  drawn: Uint32Array,
  counts: readonly Float64Array[],
  values: readonly number[],
  metric: "nominal" | "ordinal" | "interval",
): number | null {
  const k = values.length;
  const coincidences = new Float64Array(k * k);
  for (const unit of drawn) {
    const row = counts[unit]!;
    const raters = row.reduce((sum, count) => sum + count, 0);
    for (let i = 0; i < k; i++)
      for (let j = 0; j < k; j++)
        coincidences[i * k + j]! += (row[i]! * (row[j]! - (i === j ? 1 : 0))) / (raters - 1);
  }
  const totals = Float64Array.from({ length: k }, (_, i) =>
    coincidences.subarray(i * k, (i + 1) * k).reduce((sum, count) => sum + count, 0),
  );
  const n = totals.reduce((sum, count) => sum + count, 0);
  const before = new Float64Array(k + 1);
  for (let i = 0; i < k; i++) before[i + 1] = before[i]! + totals[i]!;
  const distance = (i: number, j: number): number => {
    if (i === j) return 0;
    if (metric === "nominal") return 1;
    if (metric === "interval") return (values[i]! - values[j]!) ** 2;
    const [low, high] = [Math.min(i, j), Math.max(i, j)];
    return (before[high + 1]! - before[low]! - (totals[low]! + totals[high]!) / 2) ** 2;
  };
  let [observed, expected] = [0, 0];
  for (let i = 0; i < k; i++)
    for (let j = 0; j < k; j++) {
      observed += coincidences[i * k + j]! * distance(i, j);
      expected += totals[i]! * totals[j]! * distance(i, j);
    }
  return expected === 0 ? null : 1 - ((n - 1) * observed) / expected;
}
