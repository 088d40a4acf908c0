import { betaQuantile, normalQuantile } from "./distributions.ts";
import { type Interval, tail } from "./interval.ts";
import { require } from "./stats-error.ts";

/**
 * Wilson score interval for a proportion (Wilson 1927, JASA 22:209), for independent trials. For clustered data (several questions
 * an image) use `clusteredInterval`. Throws `STATS_NO_DATA` for n = 0.
 */
export function wilson(successes: number, n: number, level = 0.95): Interval {
  checkCounts(successes, n);
  const z = -normalQuantile(tail(level));
  const value = successes / n;
  const centre = (value + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z / (1 + (z * z) / n)) * Math.sqrt((value * (1 - value)) / n + (z * z) / (4 * n * n));
  return {
    value,
    low: successes === 0 ? 0 : Math.max(0, centre - half),
    high: successes === n ? 1 : Math.min(1, centre + half),
  };
}

/** Clopper–Pearson interval (1934): never covers less than the level; for few events (below about 30). */
export function clopperPearson(successes: number, n: number, level = 0.95): Interval {
  checkCounts(successes, n);
  const alpha = tail(level);
  return {
    value: successes / n,
    low: successes === 0 ? 0 : betaQuantile(alpha, successes, n - successes + 1),
    high: successes === n ? 1 : betaQuantile(1 - alpha, successes + 1, n - successes),
  };
}

function checkCounts(successes: number, n: number): void {
  require(Number.isInteger(successes) &&
    Number.isInteger(n) &&
    successes >= 0 &&
    successes <= n, `${successes} of ${n} is no proportion of counts`);
  require(n >
    0, "a proportion of nothing has no interval: report the count of excluded items instead", "STATS_NO_DATA");
}
