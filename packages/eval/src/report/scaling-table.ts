import type { ScalingMethod, ScalingPoint } from "../scale/scaling-point.ts";
import { interval, percent, points, probability, signedInterval } from "../tables/numbers.ts";
import { type Column, type TableFormat, textTable } from "../tables/text-table.ts";

export const scalingNames: Readonly<Record<ScalingMethod, string>> = {
  mean: "one answer",
  vote: "majority vote",
  weighted: "vote weighted by MMRP",
  best: "best by MMRP",
  "pass@k": "any right (pass@k)",
  "pass^k": "all right (pass^k)",
  budget: "ended within k tokens",
  forced: "thinking cut at k tokens",
};

/** The methods in the order of `scalingNames`, each by rising k; one answer once, as it costs and gives the same at every k. */
export function scalingRows(curve: readonly ScalingPoint[]): ScalingPoint[] {
  const order = Object.keys(scalingNames);
  const first = curve.find(({ method }) => method === "mean");
  return curve
    .filter(
      (point) =>
        point === first ||
        (point.method !== "mean" && (point.method === "budget" || point.method === "forced" || point.k > 1)),
    )
    .sort((a, b) => order.indexOf(a.method) - order.indexOf(b.method) || a.k - b.k);
}

const right = "right" as const;
/** Columns of a table of points. */
export const scalingColumns: readonly Column<ScalingPoint>[] = [
  { title: "method", cell: ({ method }) => scalingNames[method] },
  { title: "k", cell: ({ k }) => String(k), align: right },
  { title: "right", cell: ({ accuracy }) => percent(accuracy), align: right },
  { title: "95 %", cell: ({ low, high }) => interval(low, high), align: right },
  { title: "gain", cell: ({ gain }) => points(gain?.difference ?? null), align: right },
  {
    title: "95 %",
    cell: ({ gain }) => (gain === null ? "–" : signedInterval(gain.low, gain.high)),
    align: right,
  },
  { title: "p", cell: ({ gain }) => probability(gain?.p ?? null), align: right },
  { title: "ties", cell: ({ ties }) => percent(ties), align: right },
  { title: "tokens", cell: ({ tokens }) => tokens.toFixed(0), align: right },
];

/** What several answers are worth, in percent and points. */
export function scalingTable(curve: readonly ScalingPoint[], format?: TableFormat): string {
  return textTable(scalingColumns, scalingRows(curve), format);
}
