import type { ScalingCurve } from "../../scale/scaling-curve.ts";
import type { ScalingMethod, ScalingPoint } from "../../scale/scaling-point.ts";
import { interval, percent } from "../../tables/numbers.ts";
import { scalingNames } from "../scaling-table.ts";
import { axis, chart, mark, round, seriesClass, width } from "./chart.ts";
import { legend } from "./legend.ts";
import { html, type Markup } from "./markup.ts";

const kinds: Readonly<
  Record<"answers" | "tokens" | "cost", { methods: readonly ScalingMethod[]; title: string; across: string }>
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
  cost: {
    methods: ["mean", "vote", "weighted", "best", "pass@k", "pass^k", "budget", "forced"],
    title: "Accuracy over the tokens that a question costs",
    across: "tokens written for one question",
  },
};

/** Colour and shape of a method are the same in every chart. */
const seriesOf = (method: ScalingMethod) => kinds.cost.methods.indexOf(method);

/** Accuracy over the number of answers, over the tokens that are allowed, or of all methods over what they cost; one line a method; the bounds are broken lines. */
export function scalingChart(
  { curve }: ScalingCurve,
  kind: keyof typeof kinds,
): { drawing: Markup; legend: Markup } | null {
  const { methods, title, across } = kinds[kind];
  const of = ({ k, tokens }: ScalingPoint) => (kind === "cost" ? Math.max(1, tokens) : k);
  const lines = methods
    .map((method) => {
      const points = curve.filter((one) => one.method === method);
      return {
        method,
        series: seriesOf(method),
        // one answer costs and gives the same at every k
        points:
          kind === "cost" && method === "mean" ? points.slice(0, 1) : points.sort((a, b) => of(a) - of(b)),
      };
    })
    .filter(({ points }) => points.length > 0)
    .map((line, place) => ({ ...line, place }));
  const xs = [...new Set(lines.flatMap(({ points }) => points.map(of)))].sort((a, b) => a - b);
  if (lines.length === 0 || xs.length < 2) return null;
  const [left, right, top, bottom] = [44, width - 16, 10, 236];
  const values = lines.flatMap(({ points }) =>
    points.flatMap(({ accuracy, low, high }) => [low ?? accuracy, high ?? accuracy]),
  );
  const y = axis(values, bottom, top);
  const scale = (at: number) => (kind === "tokens" ? at : Math.log2(at));
  const [first, last] = [scale(xs[0]!), scale(xs.at(-1)!)];
  const place = (at: number) =>
    round(left + 12 + ((scale(at) - first) / (last - first)) * (right - left - 24));
  const ticks = kind === "cost" ? doubles(xs[0]!, xs.at(-1)!) : xs;
  const bound = (method: ScalingMethod) => method.startsWith("pass") || method === "mean";
  // of one answer all rules make the same; further on, lines that lie on each other stay apart
  const same = ({ k, method }: ScalingPoint) => k === 1 && !kinds.tokens.methods.includes(method);
  const gap = kind === "cost" ? 1.5 : 3;
  const drawLine = ({ method, series, points, place: line }: (typeof lines)[number]) => {
    const apart = (line - (lines.length - 1) / 2) * gap;
    const xOf = (one: ScalingPoint) => round(place(of(one)) + (same(one) ? 0 : apart));
    const path = points.map((one) => `${xOf(one)},${y.at(one.accuracy)}`).join(" ");
    return html`<polyline class="${`${seriesClass(series)} ${bound(method) ? "bound" : "line"}`}" points="${path}"/>${points.map(
      (one) => {
        const { k, accuracy, low, high, tokens } = one;
        if (same(one) && line > 0) return null;
        const x = xOf(one);
        const bar =
          low === null || high === null || bound(method)
            ? null
            : html`<line class="${`${seriesClass(series)} stem`}" x1="${x}" x2="${x}" y1="${y.at(low)}" y2="${y.at(high)}"/>`;
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
            `${scalingNames[method]}: ${points.map((one) => `${percent(one.accuracy)} at ${Math.round(of(one))}`).join(", ")}`,
        )
        .join("; "),
      html`${y.ticks.map((tick) => html`<line class="grid" x1="${left}" x2="${right}" y1="${y.at(tick)}" y2="${y.at(tick)}"/><text class="tick" x="${left - 6}" y="${y.at(tick) + 4}" text-anchor="end">${percent(tick).replace(/\.0$/, "")}</text>`)}${ticks.map((tick) => html`<text class="tick" x="${place(tick)}" y="${bottom + 18}" text-anchor="middle">${tick}</text>`)}<text class="tick" x="${(left + right) / 2}" y="${bottom + 36}" text-anchor="middle">${across}</text>${lines.map(drawLine)}`,
    ),
    legend: legend(lines.map(({ method, series }) => ({ name: scalingNames[method], series }))),
  };
}

/** 1, 2 and 5 times powers of ten between two numbers. */
function doubles(from: number, to: number): number[] {
  const ticks: number[] = [];
  for (let power = 1; power <= to; power *= 10)
    for (const digit of [1, 2, 5])
      if (digit * power >= from && digit * power <= to) ticks.push(digit * power);
  return ticks;
}
