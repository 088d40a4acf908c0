import { require } from "./stats-error.ts";

/** Brier score (Brier 1950, Mon. Weather Rev. 78:1): mean squared difference of probability and outcome, 0 is best. For two classes this is scikit-learn's `brier_score_loss`. */
export function brier(probabilities: ArrayLike<number>, outcomes: ArrayLike<boolean | number>): number {
  const n = checked(probabilities, outcomes);
  let sum = 0;
  for (let i = 0; i < n; i++) sum += (probabilities[i]! - Number(outcomes[i])) ** 2;
  return sum / n;
}

export type CalibrationBin = { count: number; meanProbability: number; outcomeRate: number };

/**
 * Expected calibration error (Naeini et al., AAAI 2015) with bins of equal mass, which holds where confidences crowd at one end (Nguyen & O'Connor 2015, arXiv
 * 1508.05154): Σ n_b/n · |rate_b − mean probability_b|. Items are sorted and cut into bins whose sizes differ by at most one; equal probabilities are never parted (a run of them
 * goes to the bin in which it begins), so the order of items does not matter. At most as many bins as distinct probabilities.
 */
export function ece(
  probabilities: ArrayLike<number>,
  outcomes: ArrayLike<boolean | number>,
  bins = 10,
): { value: number; bins: CalibrationBin[] } {
  const n = checked(probabilities, outcomes);
  require(Number.isInteger(bins) && bins > 0, `bins must be a whole number above 0, not ${bins}`);
  const order = Uint32Array.from({ length: n }, (_, i) => i).sort(
    (a, b) => probabilities[a]! - probabilities[b]!,
  );
  const found: CalibrationBin[] = [];
  let from = 0;
  for (let bin = 1; bin <= bins; bin++) {
    let to = Math.max(from, Math.round((bin * n) / bins));
    while (to > from && to < n && probabilities[order[to]!] === probabilities[order[to - 1]!]) to++;
    if (to === from) continue;
    let [sum, hits] = [0, 0];
    for (let at = from; at < to; at++) {
      sum += probabilities[order[at]!]!;
      hits += Number(outcomes[order[at]!]);
    }
    const count = to - from;
    found.push({ count, meanProbability: sum / count, outcomeRate: hits / count });
    from = to;
  }
  const value = found.reduce(
    (sum, { count, meanProbability, outcomeRate }) =>
      sum + (count / n) * Math.abs(outcomeRate - meanProbability),
    0,
  );
  return { value, bins: found };
}

function checked(probabilities: ArrayLike<number>, outcomes: ArrayLike<boolean | number>): number {
  const n = probabilities.length;
  require(outcomes.length === n, `${n} probabilities need as many outcomes, not ${outcomes.length}`);
  require(n > 0, "there are no probabilities to judge", "STATS_NO_DATA");
  for (let i = 0; i < n; i++)
    require(probabilities[i]! >= 0 &&
      probabilities[i]! <= 1, `item ${i} has the probability ${probabilities[i]}; it must lie in 0–1`);
  return n;
}
