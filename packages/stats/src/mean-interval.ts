import { clusterIndices } from "./clusters.ts";
import { studentQuantile } from "./distributions.ts";
import { type Interval, tail } from "./interval.ts";
import { require } from "./stats-error.ts";

export type MeanInterval = Interval & { standardError: number; clusters: number };

/** Mean of independent values with Student's interval, n − 1 degrees of freedom. Needs two values. */
export function meanInterval(values: ArrayLike<number>, level = 0.95): MeanInterval {
  return clusteredInterval(values, null, level);
}

/**
 * Mean of values that come in clusters (questions on one image, cases of one patient); `clusters` names the cluster of each value.
 * SE² = C/(C−1) · n⁻² · Σ_c (Σ_{i∈c} (xᵢ − x̄))², t with C − 1 degrees of freedom: Miller 2024 (arXiv 2411.00640) with the
 * finite-cluster factor. Needs two clusters. For 0/1 values the interval may pass 0 or 1; it is not clipped.
 */
export function clusteredInterval(
  values: ArrayLike<number>,
  clusters: readonly (string | number)[] | null,
  level = 0.95,
): MeanInterval {
  const n = values.length;
  const alpha = tail(level);
  const { index, count } = clusterIndices(n, clusters);
  require(count >=
    2, `an interval needs two independent values or clusters, here are ${count}`, "STATS_NO_DATA");
  let sum = 0;
  for (let i = 0; i < n; i++) sum += values[i]!;
  const value = sum / n;
  const residuals = new Float64Array(count);
  for (let i = 0; i < n; i++) residuals[index[i]!]! += values[i]! - value;
  const squares = residuals.reduce((total, residual) => total + residual * residual, 0);
  const standardError = Math.sqrt((count / (count - 1)) * squares) / n;
  const half = studentQuantile(1 - alpha, count - 1) * standardError;
  return { value, low: value - half, high: value + half, standardError, clusters: count };
}
