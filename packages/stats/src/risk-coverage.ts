import { require } from "./stats-error.ts";

/** The answers kept when those of the least confidence are left out: their share, and the share of them that is wrong. */
export type CoveragePoint = { coverage: number; risk: number; threshold: number };

/**
 * Risk–coverage curve and the area under it (AURC; Geifman & El-Yaniv 2017, arXiv 1705.08500): the mean over k of the error rate of the k most
 * confident answers. Answers of equal confidence are taken in every order at once (the expectation), so the order of items does not matter. `excess` is
 * AURC minus that of the best ranking of the same answers. There is a point for each distinct confidence.
 */
export function riskCoverage(
  confidences: ArrayLike<number>,
  correct: ArrayLike<boolean | number>,
): { aurc: number; excess: number; points: CoveragePoint[] } {
  const n = confidences.length;
  require(correct.length === n, `${n} confidences need as many outcomes, not ${correct.length}`);
  require(n > 0, "there are no answers to rank", "STATS_NO_DATA");
  for (let i = 0; i < n; i++)
    require(Number.isFinite(
      confidences[i]!,
    ), `item ${i} has the confidence ${confidences[i]}; exclude it and report the count`);
  const order = Uint32Array.from({ length: n }, (_, i) => i).sort(
    (a, b) => confidences[b]! - confidences[a]!,
  );
  const points: CoveragePoint[] = [];
  let [wrong, area] = [0, 0];
  for (let from = 0; from < n; ) {
    const threshold = confidences[order[from]!]!;
    let [to, errors] = [from, 0];
    for (; to < n && confidences[order[to]!] === threshold; to++) errors += 1 - Number(correct[order[to]!]);
    for (let taken = 1; taken <= to - from; taken++)
      area += (wrong + (errors * taken) / (to - from)) / (from + taken);
    wrong += errors;
    points.push({ coverage: to / n, risk: wrong / to, threshold });
    from = to;
  }
  let best = 0;
  for (let k = n - wrong + 1; k <= n; k++) best += (k - (n - wrong)) / k;
  return { aurc: area / n, excess: (area - best) / n, points };
}
