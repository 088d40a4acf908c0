import { normalQuantile } from "./distributions.ts";
import { type Interval, tail } from "./interval.ts";
import { require } from "./stats-error.ts";

/**
 * Area under the ROC curve: the chance that a positive scores above a negative, ties counting half. Interval: DeLong, DeLong &
 * Clarke-Pearson 1988 (Biometrics 44:837) on the logit scale. With perfect separation that variance is zero; then the far
 * end is (α/2)^(1/m) for the m items of the smaller class, the bound for m successes in m trials. Throws `STATS_NO_DATA` when a class is empty.
 */
export function auroc(
  scores: ArrayLike<number>,
  positive: ArrayLike<boolean | number>,
  level = 0.95,
): Interval & { positives: number; negatives: number } {
  const n = scores.length;
  const alpha = tail(level);
  require(positive.length === n, `${n} scores need as many labels, not ${positive.length}`);
  const order = Uint32Array.from({ length: n }, (_, i) => i).sort((i, j) => scores[i]! - scores[j]!);
  const positives = order.reduce((count, i) => count + (positive[i] ? 1 : 0), 0);
  const negatives = n - positives;
  require(positives > 0 &&
    negatives >
      0, `AUROC needs both classes, here are ${positives} positive and ${negatives} negative items`, "STATS_NO_DATA");

  // Placement values: for each item the share of the other class that it stands on the right side of.
  const placement = new Float64Array(n);
  let [seenPositive, seenNegative] = [0, 0];
  for (let from = 0; from < n; ) {
    let [to, tiedPositive, tiedNegative] = [from, 0, 0];
    for (; to < n && scores[order[to]!] === scores[order[from]!]; to++)
      positive[order[to]!] ? tiedPositive++ : tiedNegative++;
    require(to > from, `score ${order[from]} is not a number; exclude the item and report the count`);
    for (let at = from; at < to; at++)
      placement[order[at]!] = positive[order[at]!]
        ? (seenNegative + tiedNegative / 2) / negatives
        : (positives - seenPositive - tiedPositive / 2) / positives;
    seenPositive += tiedPositive;
    seenNegative += tiedNegative;
    from = to;
  }
  let sum = 0;
  for (let i = 0; i < n; i++) if (positive[i]) sum += placement[i]!;
  const value = sum / positives;
  const variance = (of: boolean, count: number) => {
    let squares = 0;
    for (let i = 0; i < n; i++) if (Boolean(positive[i]) === of) squares += (placement[i]! - value) ** 2;
    return count > 1 ? squares / (count - 1) / count : 0;
  };
  const counts = { positives, negatives };
  const bound = alpha ** (1 / Math.min(positives, negatives));
  if (value === 1) return { value, low: bound, high: 1, ...counts };
  if (value === 0) return { value, low: 0, high: 1 - bound, ...counts };
  const error = Math.sqrt(variance(true, positives) + variance(false, negatives));
  const half = (-normalQuantile(alpha) * error) / (value * (1 - value));
  const logistic = (x: number) => 1 / (1 + Math.exp(-x));
  const logit = Math.log(value / (1 - value));
  return { value, low: logistic(logit - half), high: logistic(logit + half), ...counts };
}
