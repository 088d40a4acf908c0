import { type Series, seriesRange, seriesWindow } from "@mede2/runs";
import { number } from "../text/format.ts";

/** A curve in one sentence, for who hears the screen: where it began, where it is, its extremes and its course of late. */
export function describeSeries(
  title: string,
  series: Series,
  format: (value: number) => string = number,
): string {
  const range = seriesRange(series);
  const window =
    range === null ? [] : seriesWindow(series, { from: range.first, to: range.last, buckets: 64 });
  const [first, last] = [window[0], window.at(-1)];
  if (first === undefined || last === undefined) return `${title}: no values yet`;
  const low = window.reduce((best, bucket) => (bucket.low < best.low ? bucket : best));
  const high = window.reduce((best, bucket) => (bucket.high > best.high ? bucket : best));
  const late = window.slice(-Math.max(2, Math.round(window.length / 4)));
  const half = Math.floor(late.length / 2);
  const mean = (part: typeof late) =>
    part.reduce((sum, bucket) => sum + bucket.mean, 0) / Math.max(1, part.length);
  const change = mean(late.slice(half)) - mean(late.slice(0, half));
  const noticeable = Math.abs(change) > 0.02 * (high.high - low.low);
  const course = !noticeable ? "steady" : change > 0 ? "rising" : "falling";
  return `${title}: ${format(last.mean)} at step ${last.last}, ${course}; from ${format(first.mean)}; lowest ${format(low.low)} near step ${low.last}, highest ${format(high.high)} near step ${high.first}`;
}
