import type { ScalingCurve } from "../../scale/scaling-curve.ts";
import type { ScalingMethod, ScalingPoint } from "../../scale/scaling-point.ts";
import { interval, percent } from "../../tables/numbers.ts";
import { scalingNames } from "../scaling-table.ts";
import { axis, chart, mark, round, width } from "./chart.ts";
import { legend } from "./legend.ts";
import { html, type Markup } from "./markup.ts";

const kinds: Readonly<
  Record<"answers" | "tokens", { methods: readonly ScalingMethod[]; title: string; across: string }>
> = {
  answers: {
    methods: ["mean", "vote", "weighted", "best", "pass@k", "pass^k"],
    title: "Accuracy over the number of answers",
    across: "answers to each question (k)",
  },
  tokens: {
    methods: ["budget", "forced"],
    title: "Accuracy over the tokens that are allowed",
    across: "tokens (k)",
  },
};

/** Accuracy over the number of answers, one line a method; the bounds are broken lines. */
export function scalingChart(
  { curve }: ScalingCurve,
  kind: keyof typeof kinds,
): { drawing: Markup; legend: Markup } | null {
  const { methods, title, across } = kinds[kind];
  const lines = methods
    .map((method, series) => ({ method, series, points: curve.filter((one) => one.method === method) }))
    .filter(({ points }) => points.length > 0);
  const ks = [...new Set(lines.flatMap(({ points }) => points.map(({ k }) => k)))].sort((a, b) => a - b);
  if (lines.length === 0 || ks.length < 2) return null;
  const [left, right, top, bottom] = [44, width - 16, 10, 236];
  const values = lines.flatMap(({ points }) =>
    points.flatMap(({ accuracy, low, high }) => [low ?? accuracy, high ?? accuracy]),
  );
  const y = axis(values, bottom, top);
  const scale = (k: number) => (kind === "answers" ? Math.log2(k) : k);
  const [first, last] = [scale(ks[0]!), scale(ks.at(-1)!)];
  const place = (k: number) => round(left + 12 + ((scale(k) - first) / (last - first)) * (right - left - 24));
  const bound = (method: ScalingMethod) => method.startsWith("pass") || method === "mean";
  // lines that lie on each other stay apart; at the first k they are all the same
  const spread = (series: number, k: number) =>
    kind === "answers" && k === ks[0] ? 0 : (series - (lines.length - 1) / 2) * 3;
  const drawLine = ({
    method,
    series,
    points,
  }: {
    method: ScalingMethod;
    series: number;
    points: ScalingPoint[];
  }) => {
    const path = points
      .map(({ k, accuracy }) => `${round(place(k) + spread(series, k))},${y.at(accuracy)}`)
      .join(" ");
    return html`<polyline class="${`s${series} ${bound(method) ? "bound" : "line"}`}" points="${path}"/>${points.map(
      ({ k, accuracy, low, high, tokens }) => {
        if (kind === "answers" && k === ks[0] && series !== lines[0]!.series) return null;
        const x = round(place(k) + spread(series, k));
        const bar =
          low === null || high === null || bound(method)
            ? null
            : html`<line class="${`s${series} stem`}" x1="${x}" x2="${x}" y1="${y.at(low)}" y2="${y.at(high)}"/>`;
        return html`<g><title>${`${scalingNames[method]}, k = ${k}: ${percent(accuracy)} % ${interval(low, high)}, ${tokens.toFixed(0)} tokens`}</title>${bar}${mark(series, x, y.at(accuracy), 4.5)}</g>`;
      },
    )}`;
  };
  return {
    drawing: chart(
      bottom + 40,
      title,
      lines
        .map(
          ({ method, points }) =>
            `${scalingNames[method]}: ${points.map(({ k, accuracy }) => `${percent(accuracy)} at ${k}`).join(", ")}`,
        )
        .join("; "),
      html`${y.ticks.map((tick) => html`<line class="grid" x1="${left}" x2="${right}" y1="${y.at(tick)}" y2="${y.at(tick)}"/><text class="tick" x="${left - 6}" y="${y.at(tick) + 4}" text-anchor="end">${percent(tick).replace(/\.0$/, "")}</text>`)}${ks.map((k) => html`<text class="tick" x="${place(k)}" y="${bottom + 18}" text-anchor="middle">${k}</text>`)}<text class="tick" x="${(left + right) / 2}" y="${bottom + 36}" text-anchor="middle">${across}</text>${lines.map(drawLine)}`,
    ),
    legend: legend(lines.map(({ method, series }) => ({ name: scalingNames[method], series }))),
  };
}
