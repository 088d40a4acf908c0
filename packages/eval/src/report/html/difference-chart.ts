import { points, probability, signedInterval } from "../../tables/numbers.ts";
import { axis, chart, fit, grid, mark, whisker, width } from "./chart.ts";
import { html, type Markup } from "./markup.ts";

export interface DifferenceRow {
  label: string;
  difference: number;
  low: number;
  high: number;
  p: number;
  /** Smallest difference that could have been seen. */
  detectable?: number | null;
}

/** Differences with their intervals around nothing. The grey area is what this many questions could not have shown. */
export function differenceChart(title: string, rows: readonly DifferenceRow[]): Markup | null {
  if (rows.length === 0) return null;
  const reach = rows.flatMap(({ low, high, detectable }) => [low, high, detectable ?? 0, -(detectable ?? 0)]);
  const x = axis([0, ...reach], 14, width - 14);
  const rowHeight = 46;
  const bottom = rows.length * rowHeight + 4;
  return chart(
    bottom + 24,
    title,
    rows
      .map(
        ({ label, difference, low, high }) => `${label} ${points(difference)} ${signedInterval(low, high)}`,
      )
      .join("; "),
    html`${grid(x, 0, bottom, (tick) => (tick === 0 ? "0" : points(tick).replace(/\.0$/, "")))}<line class="zero" x1="${x.at(0)}" x2="${x.at(0)}" y1="0" y2="${bottom}"/>${rows.map(
      ({ label, difference, low, high, p, detectable }, at) => {
        const y = at * rowHeight + 30;
        const series = low > 0 ? 1 : high < 0 ? 2 : 0;
        return html`<g><title>${`${label}: ${points(difference)} points ${signedInterval(low, high)}, p ${probability(p)}`}</title><text class="label" x="14" y="${y - 13}">${fit(label, 34)}</text><text class="value" x="${width - 14}" y="${y - 13}" text-anchor="end">${`${points(difference)} ${signedInterval(low, high)}`}</text>${
          detectable
            ? html`<rect class="blind" x="${x.at(-detectable)}" y="${y - 8}" width="${x.at(detectable) - x.at(-detectable)}" height="16"/>`
            : null
        }${whisker(`s${series}`, x.at(low), x.at(high), y)}${mark(series, x.at(difference), y)}</g>`;
      },
    )}`,
  );
}
