import type { ReportComparison } from "../report.ts";
import { html, type Markup } from "./markup.ts";
import { type BarRow, barLegend, stackedBars } from "./stacked-bars.ts";

const kinds = [
  { name: "right in both", fill: "slate" },
  { name: "won", fill: "blue" },
  { name: "lost", fill: "orange" },
  { name: "equal, partly right", fill: "quiet" },
  { name: "wrong in both", fill: "pale" },
];

/** Where every question went: right before and after, won, lost, wrong before and after. */
export function flipsChart(comparisons: readonly ReportComparison[]): Markup | null {
  if (comparisons.length === 0) return null;
  const rows = comparisons.map(({ from, to, bothRight, won, lost, bothPartly, bothWrong }): BarRow => {
    const counts = [bothRight, won, lost, bothPartly, bothWrong];
    const total = counts.reduce((sum, count) => sum + count, 0);
    return { label: `${from} → ${to}`, note: `▲ ${won} won   ▼ ${lost} lost   of ${total}`, counts };
  });
  const said = comparisons.map(({ from, to, won, lost }) => `${from} to ${to}: ${won} won, ${lost} lost`);
  return html`${stackedBars("Questions won and lost", said.join("; "), kinds, rows)}${barLegend(kinds, rows)}`;
}
