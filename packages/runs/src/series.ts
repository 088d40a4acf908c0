/** What is known of a stretch of steps: its ends, and the values of one metric in it. */
export interface Bucket {
  first: number;
  last: number;
  low: number;
  high: number;
  mean: number;
  count: number;
}

/** Buckets of about the same number of points, oldest first, as columns: plain numbers, so that they can be stored as JSON. */
interface Level {
  first: number[];
  last: number[];
  low: number[];
  high: number[];
  sum: number[];
  count: number[];
  /** How many of the newest are not in the next level yet. */
  pending: number;
}

/**
 * One metric over the steps, as a pyramid: level 0 has the newest points themselves, each further level eight buckets of the one below in
 * one, and the last level reaches back to the first step. Bounded however long the run is; lowest and highest values are never lost.
 */
export interface Series {
  levels: Level[];
}

const fanOut = 8;
/** At least so many buckets of each level are kept, at most twice as many. */
const keptBuckets = 1024;

export const emptySeries = (): Series => ({ levels: [emptyLevel()] });

function emptyLevel(): Level {
  return { first: [], last: [], low: [], high: [], sum: [], count: [], pending: 0 };
}

/** Adds a point in place. Its step must lie behind those that are there: cut the series first when a run went back. */
export function addPoint(series: Series, step: number, value: number): void {
  push(series.levels[0]!, step, step, value, value, value, 1);
  cascade(series, 0);
}

function push(
  level: Level,
  first: number,
  last: number,
  low: number,
  high: number,
  sum: number,
  count: number,
): void {
  level.first.push(first);
  level.last.push(last);
  level.low.push(low);
  level.high.push(high);
  level.sum.push(sum);
  level.count.push(count);
  level.pending += 1;
  if (level.first.length >= 2 * keptBuckets && level.pending < keptBuckets)
    for (const column of columnsOf(level)) column.splice(0, keptBuckets);
}

const columnsOf = ({ first, last, low, high, sum, count }: Level) => [first, last, low, high, sum, count];

/** Moves full groups of eight up, from `from` on. */
function cascade(series: Series, from: number): void {
  for (let index = from; ; index++) {
    const level = series.levels[index]!;
    if (level.pending < fanOut) return;
    while (level.pending >= fanOut) {
      const start = level.first.length - level.pending;
      if (series.levels[index + 1] === undefined) series.levels.push(emptyLevel());
      const above = series.levels[index + 1]!;
      let [low, high, sum, count] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0];
      for (let at = start; at < start + fanOut; at++) {
        low = Math.min(low, level.low[at]!);
        high = Math.max(high, level.high[at]!);
        sum += level.sum[at]!;
        count += level.count[at]!;
      }
      push(above, level.first[start]!, level.last[start + fanOut - 1]!, low, high, sum, count);
      level.pending -= fanOut;
    }
  }
}

/**
 * Takes back, in place, what was said of `step` and later ones. A bucket of a coarse level that the cut goes through is made anew from
 * the finer ones; where those are not kept that far back, up to one bucket before the cut is lost.
 */
export function cutSeries(series: Series, step: number): void {
  for (const level of series.levels) {
    let length = level.first.length;
    while (length > 0 && level.last[length - 1]! >= step) length -= 1;
    for (const column of columnsOf(level)) column.length = length;
  }
  for (const [index, level] of series.levels.entries()) {
    const above = series.levels[index + 1];
    const covered = above?.last.at(-1) ?? Number.NEGATIVE_INFINITY;
    let pending = 0;
    while (pending < level.first.length && level.first[level.first.length - 1 - pending]! > covered)
      pending += 1;
    level.pending = pending;
    if (pending >= fanOut) cascade(series, index);
  }
  while (series.levels.length > 1 && series.levels.at(-1)!.first.length === 0) series.levels.pop();
}

/** First and last step with a value, or null. */
export function seriesRange(series: Series): { first: number; last: number } | null {
  const top = series.levels.findLast((level) => level.first.length > 0);
  if (top === undefined) return null;
  return { first: top.first[0]!, last: Math.max(...series.levels.map(({ last }) => last.at(-1) ?? 0)) };
}

/** The newest value; undefined when there is none, or when a deep cut left only means. */
export const lastValue = (series: Series): number | undefined => series.levels[0]!.sum.at(-1);

/** The values from step `from` to step `to` in at most `buckets` buckets of equal width, from the finest level that reaches back far enough. */
export function seriesWindow(
  series: Series,
  { from, to, buckets }: { from: number; to: number; buckets: number },
): Bucket[] {
  const range = seriesRange(series);
  if (range === null || to < from) return [];
  const start = Math.max(from, range.first);
  const level = series.levels.findIndex(
    ({ first }, index) =>
      index === series.levels.length - 1 || (first[0] ?? Number.POSITIVE_INFINITY) <= start,
  );
  const width = (to - from + 1) / buckets;
  const result: Bucket[] = [];
  const sums: number[] = [];
  let slot = -1;
  for (let index = level; index >= 0; index--) {
    const { first, last, low, high, sum, count, pending } = series.levels[index]!;
    // of the chosen level all; of the finer ones what is not in a coarser one yet
    for (let at = index === level ? 0 : first.length - pending; at < first.length; at++) {
      if (last[at]! < from || first[at]! > to) continue;
      const middle = Math.min(to, Math.max(from, (first[at]! + last[at]!) / 2));
      const place = Math.min(buckets - 1, Math.floor((middle - from) / width));
      const bucket = result.at(-1);
      if (bucket === undefined || place !== slot) {
        result.push({
          ...{ first: first[at]!, last: last[at]!, low: low[at]!, high: high[at]! },
          ...{ mean: 0, count: count[at]! },
        });
        sums.push(sum[at]!);
        slot = place;
      } else {
        bucket.last = last[at]!;
        bucket.low = Math.min(bucket.low, low[at]!);
        bucket.high = Math.max(bucket.high, high[at]!);
        bucket.count += count[at]!;
        sums[sums.length - 1]! += sum[at]!;
      }
    }
  }
  for (const [index, bucket] of result.entries()) bucket.mean = sums[index]! / bucket.count;
  return result;
}
