import { clusteredInterval, wilson } from "@mede2/stats";

/**
 * The interval of a rate whose questions come in clusters, within 0 and 1. Where all scores are 0, or all are 1, the clustered error is 0 and says nothing: then it is Wilson's for as many
 * trials as there are clusters, as if each cluster were one question. Needs two clusters.
 */
export function clusteredRate(
  scores: ArrayLike<number>,
  clusters: readonly (string | number)[],
): { low: number; high: number } {
  const { value, low, high, clusters: count } = clusteredInterval(scores, clusters);
  if (value === 0 || value === 1) {
    const interval = wilson(value * count, count);
    return { low: interval.low, high: interval.high };
  }
  return { low: Math.max(0, low), high: Math.min(1, high) };
}
