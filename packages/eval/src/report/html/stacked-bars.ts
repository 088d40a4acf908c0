import { chart, fit, round, width } from "./chart.ts";
import { html, type Markup } from "./markup.ts";

/** A kind of thing that is counted: its name, and the class that gives its colour (`part-…`). */
export interface BarKind {
  name: string;
  fill: string;
}

export interface BarRow {
  label: string;
  /** What stands below the bar. */
  note: string;
  /** One for each kind, in their order. */
  counts: readonly number[];
}

/** A bar for each row, cut into its kinds. */
export function stackedBars(
  title: string,
  description: string,
  kinds: readonly BarKind[],
  rows: readonly BarRow[],
): Markup {
  const rowHeight = 72;
  const left = 14;
  const room = width - 2 * left;
  return chart(
    rows.length * rowHeight + 2,
    title,
    description,
    rows.map(({ label, note, counts }, at) => {
      const y = at * rowHeight;
      const total = counts.reduce((sum, count) => sum + count, 0);
      let x = left;
      const bars = kinds.map(({ name, fill }, index) => {
        const count = counts[index]!;
        const length = round((count / Math.max(1, total)) * room);
        const from = round(x);
        x += length;
        if (count === 0) return null;
        const inside =
          length > 34
            ? html`<text class="${`in-${fill}`}" x="${round(from + length / 2)}" y="${y + 36}" text-anchor="middle">${count}</text>`
            : null;
        return html`<g><title>${`${count} ${name}`}</title><rect class="${`part-${fill}`}" x="${from}" y="${y + 20}" width="${Math.max(0.5, round(length - 1))}" height="24"/>${inside}</g>`;
      });
      return html`<text class="label" x="${left}" y="${y + 13}">${fit(label, 44)}</text>${bars}<text class="tick" x="${left}" y="${y + 57}">${note}</text>`;
    }),
  );
}

/** The kinds that occur. */
export function barLegend(kinds: readonly BarKind[], rows: readonly BarRow[]): Markup {
  const shown = kinds.filter((_, index) => rows.some(({ counts }) => counts[index]! > 0));
  return html`<ul class="legend">${shown.map(
    ({ name, fill }) =>
      html`<li><svg viewBox="0 0 16 16" aria-hidden="true"><rect class="${`part-${fill}`}" x="1" y="1" width="14" height="14" rx="3"/></svg>${name}</li>`,
  )}</ul>`;
}
