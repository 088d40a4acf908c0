import { interval, percent } from "../../tables/numbers.ts";
import type { ReportEvaluation } from "../report.ts";
import { html, type Markup } from "./markup.ts";
import { type BarRow, barLegend, stackedBars } from "./stacked-bars.ts";

const kinds = [
  { name: "right, and sound", fill: "blue" },
  { name: "right, but not sound", fill: "orange" },
  { name: "wrong, though sound", fill: "slate" },
  { name: "wrong, and not sound", fill: "pale" },
];

/** Whether right answers rest on reasoning that holds, for the evaluations whose traces were rated. */
export function qualityChart(evaluations: readonly ReportEvaluation[]): Markup | null {
  const rated = evaluations.flatMap(({ name, quality }) => (quality === null ? [] : [{ name, ...quality }]));
  if (rated.length === 0) return null;
  const rows = rated.map(({ name, n, poorAmongRight, ...shares }): BarRow => {
    const { rightGood, rightPoor, wrongGood, wrongPoor } = shares;
    return {
      label: name,
      note:
        poorAmongRight === null
          ? `of ${n} answers; none is right`
          : `of the right ones ${percent(poorAmongRight.value)} % ${interval(poorAmongRight.low, poorAmongRight.high)} are not sound; ${n} answers`,
      counts: [rightGood, rightPoor, wrongGood, wrongPoor].map(({ value }) => Math.round(value * n)),
    };
  });
  const said = rows.map(({ label, counts }) =>
    [label, ...kinds.map(({ name }, at) => `${counts[at]} ${name}`)].join(", "),
  );
  return html`${stackedBars("Answers and reasoning", said.join("; "), kinds, rows)}${barLegend(kinds, rows)}`;
}
