import type { ReportComparison } from "../report.ts";
import { chart, fit, round, width } from "./chart.ts";
import { html, type Markup } from "./markup.ts";

const kinds = [
  { kind: "both-right", name: "right in both" },
  { kind: "won", name: "won" },
  { kind: "lost", name: "lost" },
  { kind: "partly", name: "equal, partly right" },
  { kind: "both-wrong", name: "wrong in both" },
] as const;

/** How many questions of each kind. */
function countsOf(one: ReportComparison): Record<(typeof kinds)[number]["kind"], number> {
  const { bothRight, won, lost, bothPartly, bothWrong } = one;
  return { "both-right": bothRight, won, lost, partly: bothPartly, "both-wrong": bothWrong };
}

/** The kinds that occur. */
export function flipsLegend(comparisons: readonly ReportComparison[]): Markup {
  const shown = kinds.filter(({ kind }) => comparisons.some((one) => countsOf(one)[kind] > 0));
  return html`<ul class="legend">${shown.map(
    ({ kind, name }) =>
      html`<li><svg viewBox="0 0 16 16" aria-hidden="true"><rect class="${`flip-${kind}`}" x="1" y="1" width="14" height="14" rx="3"/></svg>${name}</li>`,
  )}</ul>`;
}

/** Where every question went: right before and after, won, lost, wrong before and after. */
export function flipsChart(comparisons: readonly ReportComparison[]): Markup | null {
  if (comparisons.length === 0) return null;
  const rowHeight = 72;
  const left = 14;
  const room = width - 2 * left;
  return chart(
    comparisons.length * rowHeight + 2,
    "Questions won and lost",
    comparisons.map(({ from, to, won, lost }) => `${from} to ${to}: ${won} won, ${lost} lost`).join("; "),
    comparisons.map((one, at) => {
      const y = at * rowHeight;
      const counts = countsOf(one);
      const parts = kinds.map(({ kind, name }) => ({ kind, name, count: counts[kind] }));
      const total = parts.reduce((sum, { count }) => sum + count, 0);
      let x = left;
      const bars = parts.map(({ kind, count, name }) => {
        const length = round((count / Math.max(1, total)) * room);
        const from = round(x);
        x += length;
        if (count === 0) return null;
        const inside =
          length > 34
            ? html`<text class="${`in-${kind}`}" x="${round(from + length / 2)}" y="${y + 36}" text-anchor="middle">${count}</text>`
            : null;
        return html`<g><title>${`${count} ${name}`}</title><rect class="${`flip-${kind}`}" x="${from}" y="${y + 20}" width="${Math.max(0.5, round(length - 1))}" height="24"/>${inside}</g>`;
      });
      return html`<text class="label" x="${left}" y="${y + 13}">${fit(`${one.from} → ${one.to}`, 44)}</text>${bars}<text class="tick" x="${left}" y="${y + 57}">${`▲ ${one.won} won   ▼ ${one.lost} lost   of ${total}`}</text>`;
    }),
  );
}
