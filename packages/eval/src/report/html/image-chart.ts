import { interval, percent } from "../../tables/numbers.ts";
import { conditionOrder } from "../part-tables.ts";
import type { ReportTask } from "../report.ts";
import { axis, chart, fit, grid, whisker, width } from "./chart.ts";
import { html, type Markup } from "./markup.ts";

/** Accuracy with the right image, and with something else in its place. Bars begin at nothing, as bars must. */
export function imageChart({ evaluations }: ReportTask): Markup | null {
  const groups = evaluations
    .map(({ name, summaries }) => ({
      name,
      bars: conditionOrder.flatMap(
        (images) => summaries.find((one) => one.images === images && one.accuracy !== null) ?? [],
      ),
    }))
    .filter(({ bars }) => bars.length > 1);
  if (groups.length === 0) return null;
  const x = axis(
    [0, ...groups.flatMap(({ bars }) => bars.map(({ accuracy, high }) => high ?? accuracy ?? 0))],
    96,
    width - 54,
  );
  const barHeight = 19;
  let y = 0;
  const drawn = groups.map(({ name, bars }) => {
    const top = y;
    y += 24 + bars.length * barHeight + 8;
    return html`<text class="label" x="14" y="${top + 15}">${fit(name, 52)}</text>${bars.map((bar, at) => {
      const middle = top + 24 + at * barHeight + barHeight / 2 - 1;
      const { accuracy, low, high, images, n } = bar;
      return html`<g><title>${`${name}, ${images} images: ${percent(accuracy)} % ${interval(low, high)}, n = ${n}`}</title><text class="tick" x="90" y="${middle + 4}" text-anchor="end">${images}</text><rect class="${`image-${images}`}" x="${x.at(0)}" y="${middle - 7}" width="${Math.max(0, x.at(accuracy!) - x.at(0))}" height="14"/>${low === null || high === null ? null : whisker("ink", x.at(low), x.at(high), middle)}<text class="tick" x="${width - 14}" y="${middle + 4}" text-anchor="end">${percent(accuracy)}</text></g>`;
    })}`;
  });
  return chart(
    y + 20,
    "Accuracy by image",
    groups
      .map(
        ({ name, bars }) =>
          `${name}: ${bars.map(({ images, accuracy }) => `${images} ${percent(accuracy)}`).join(", ")}`,
      )
      .join("; "),
    html`${grid(x, 0, y, (tick) => String(Math.round(tick * 100)))}${drawn}`,
  );
}
