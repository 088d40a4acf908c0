/** A rising step function with straight lines between its points. */
export interface IsotonicMap {
  /** Rising. */
  x: number[];
  /** Not falling; of the same length. */
  y: number[];
}

/**
 * Isotonic regression by pooling adjacent violators (Barlow et al. 1972; Zadrozny and Elkan 2002 for calibration): the non-falling function of
 * `score` that is nearest to `outcome` in squares. Throws a RangeError without points or with a number that is not finite.
 */
export function isotonicFit(points: readonly { score: number; outcome: number }[]): IsotonicMap {
  if (points.length === 0) throw new RangeError("an isotonic fit needs at least one point");
  if (points.some(({ score, outcome }) => !Number.isFinite(score) || !Number.isFinite(outcome)))
    throw new RangeError("an isotonic fit needs finite scores and outcomes");
  const sorted = [...points].sort((a, b) => a.score - b.score);
  const blocks: { low: number; high: number; sum: number; count: number }[] = [];
  for (const { score, outcome } of sorted) {
    const last = blocks.at(-1);
    if (last !== undefined && last.high === score) {
      last.sum += outcome;
      last.count += 1;
    } else blocks.push({ low: score, high: score, sum: outcome, count: 1 });
  }
  const pooled: typeof blocks = [];
  for (const block of blocks) {
    pooled.push({ ...block });
    while (pooled.length > 1) {
      const [before, last] = pooled.slice(-2) as [(typeof blocks)[0], (typeof blocks)[0]];
      if (before.sum / before.count < last.sum / last.count) break;
      pooled.splice(-2, 2, {
        low: before.low,
        high: last.high,
        sum: before.sum + last.sum,
        count: before.count + last.count,
      });
    }
  }
  const [x, y]: [number[], number[]] = [[], []];
  for (const { low, high, sum, count } of pooled)
    for (const at of low === high ? [low] : [low, high]) {
      x.push(at);
      y.push(sum / count);
    }
  return { x, y };
}

/** The value of the map at a score: linear between points, constant beyond the ends. */
export function isotonicAt({ x, y }: IsotonicMap, score: number): number {
  const after = x.findIndex((at) => at >= score);
  if (after < 0) return y.at(-1)!;
  if (after === 0 || x[after] === score) return y[after]!;
  const share = (score - x[after - 1]!) / (x[after]! - x[after - 1]!);
  return y[after - 1]! + share * (y[after]! - y[after - 1]!);
}
