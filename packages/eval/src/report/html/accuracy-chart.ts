import { interval, percent } from "../../tables/numbers.ts";
import { majorityOf } from "../../tasks/baselines.ts";
import type { ReportTask } from "../report.ts";
import { axis, chart, fit, grid, mark, seriesClass, whisker, width } from "./chart.ts";
import { html, type Markup } from "./markup.ts";

/**
 * Accuracy of every evaluation with its interval; the pale bar is the band over extraction rules, the broken line what guessing gets, the dotted one the most frequent
 * answer.
 */
export function accuracyChart({ evaluations, images, baselines }: ReportTask): Markup | null {
  const rows = evaluations.flatMap((evaluation, series) => {
    const summary = evaluation.summaries.find((one) => one.images === images);
    return summary === undefined || summary.accuracy === null
      ? []
      : [{ ...evaluation, summary, accuracy: summary.accuracy, series }];
  });
  if (rows.length === 0) return null;
  const values = rows.flatMap(({ accuracy, summary: { low, high, band } }) => [
    accuracy,
    ...(low === null || high === null ? [] : [low, high]),
    ...(band === null ? [] : [band.low, band.high]),
  ]);
  const lines =
    baselines === null
      ? []
      : [
          { kind: "chance", name: "guessing", at: baselines.random },
          { kind: "majority", name: "always the most frequent answer", at: majorityOf(baselines) },
        ];
  const x = axis([...values, ...lines.map(({ at }) => at)], 14, width - 14);
  const rowHeight = 46;
  const bottom = rows.length * rowHeight + 4;
  const said = rows.map(
    ({ name, accuracy, summary }) => `${name} ${percent(accuracy)} % ${interval(summary.low, summary.high)}`,
  );
  return chart(
    bottom + 24,
    `Accuracy with ${images} images`,
    said.join("; "),
    html`${grid(x, 0, bottom, (tick) => `${Math.round(tick * 1000) / 10}`)}${lines.map(
      ({ kind, name, at }) =>
        html`<g><title>${`${name}: ${percent(at)} %`}</title><line class="${kind}" x1="${x.at(at)}" x2="${x.at(at)}" y1="0" y2="${bottom}"/></g>`,
    )}${rows.map(({ name, accuracy, summary, series }, at) => {
      const y = at * rowHeight + 30;
      const { low, high, band, n } = summary;
      return html`<g><title>${`${name}: ${percent(accuracy)} % ${interval(low, high)}, n = ${n}${band === null ? "" : `; over the rules ${percent(band.low)} (${band.lowRule}) to ${percent(band.high)} (${band.highRule})`}`}</title><text class="label" x="14" y="${y - 13}">${fit(name, 34)}</text><text class="value" x="${width - 14}" y="${y - 13}" text-anchor="end">${`${percent(accuracy)} ${interval(low, high)}`}</text>${
        band === null
          ? null
          : html`<rect class="${seriesClass(series)} band" x="${x.at(band.low)}" y="${y - 4}" width="${Math.max(1, x.at(band.high) - x.at(band.low))}" height="8"/>`
      }${low === null || high === null ? null : whisker(seriesClass(series), x.at(low), x.at(high), y)}${mark(series, x.at(accuracy), y)}</g>`;
    })}`,
  );
}
