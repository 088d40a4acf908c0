import { preferenceView } from "@mede2/runs";
import { type ChartSeries, lineChart } from "../chart/line-chart.ts";
import { beside, box } from "../layout/box.ts";
import type { Look } from "../look/look.ts";
import type { Model } from "../state/model.ts";
import { smoothings, type Ui } from "../state/ui.ts";
import { allSteps } from "../state/zoom.ts";
import { number, percent } from "../text/format.ts";
import { blank, type Line, span } from "../text/line.ts";
import { wrap } from "../text/wrap.ts";

/** What preference optimisation is doing, and how near it is to the squeeze. */
export function preferenceScreen(model: Model, ui: Ui, look: Look, rows: number): Line[] {
  const { run } = model;
  const view = run === undefined ? null : preferenceView(run.state);
  if (run === undefined || view === null)
    return [
      blank,
      ...wrap(
        " This run has no rewards: it does not learn from pairs. Stage II runs (DPO and its kin) show here whether the chosen answers win, by how much, and whether both become less likely.",
        look.columns - 2,
        [],
        { role: "dim" },
      ),
    ];
  const value = (of: number | null, format = number) => (of === null ? "–" : format(of));
  const text: Line[] = [
    [
      span(" accuracy        ", "dim"),
      span(
        value(view.accuracy, (share) => percent(share)),
        view.accuracy !== null && view.accuracy < 0.5 ? "bad" : "good",
        { bold: true },
      ),
      span("  pairs whose chosen answer has the higher reward", "dim"),
    ],
    [
      span(" margin          ", "dim"),
      span(value(view.margin), "text", { bold: true }),
      span("  reward chosen − reward rejected", "dim"),
    ],
    [
      span(" rewards         ", "dim"),
      span(value(view.chosen), "chosen"),
      " / ",
      span(value(view.rejected), "rejected"),
      span("  β log π/π_ref, chosen / rejected", "dim"),
    ],
    [
      span(" log-ratios      ", "dim"),
      span(value(view.chosenLogRatio), "chosen"),
      " / ",
      span(value(view.rejectedLogRatio), "rejected"),
      span("  nats an answer", "dim"),
    ],
    [
      span(" log-probability ", "dim"),
      view.logProbs === null ? "–" : `${number(view.logProbs.chosen)} / ${number(view.logProbs.rejected)}`,
      span("  nats an answer, last step", "dim"),
    ],
    [
      span(" KL estimate     ", "dim"),
      value(view.kl),
      span("  from the reference, nats an answer, last step", "dim"),
    ],
    gauge(view.chosenLogRatio, Math.max(12, Math.min(48, look.columns - 60))),
    [span(` means over the last ${view.steps} steps`, "dim")],
  ];
  const textRows = Math.min(rows, text.length + 2);
  const chartRows = rows - textRows;
  const top = box(text, { title: "Preference optimisation", columns: look.columns, rows: textRows });
  if (chartRows < 8) return top;
  const half = Math.floor(look.columns / 2);
  const two = look.columns >= 100;
  const chart = (title: string, unit: string | undefined, series: readonly ChartSeries[], columns: number) =>
    box(
      lineChart(
        {
          title,
          unit,
          series,
          ...(ui.charts.zoom ?? allSteps(model)),
          log: ui.charts.log,
          smooth: smoothings[ui.charts.smooth] ?? 0,
        },
        {
          columns: columns - 2,
          rows: chartRows - 2,
          ascii: look.ascii,
          colours: look.depth !== "none" && look.theme !== "mono",
        },
      ),
      { title: "", columns, rows: chartRows },
    );
  const { byName } = run.series;
  const series = (name: string, title: string, colour: number): ChartSeries[] =>
    byName[name] === undefined ? [] : [{ title, series: byName[name], colour }];
  const rewards = [...series("rewards-chosen", "chosen", 3), ...series("rewards-rejected", "rejected", 1)];
  if (!two) return [...top, ...chart("rewards", undefined, rewards, look.columns)];
  const accuracy = series("rewards-accuracy", "accuracy", 0);
  return [
    ...top,
    ...beside(
      { lines: chart("rewards", undefined, rewards, half), columns: half },
      {
        lines: chart("reward accuracy", undefined, accuracy, look.columns - half),
        columns: look.columns - half,
      },
    ),
  ];
}

/** Where the chosen log-ratio stands between 0 and −1.5: below −1 the answers that should become likelier have become much less likely. */
function gauge(ratio: number | null, cells: number): Line {
  if (ratio === null) return [span(" squeeze         ", "dim"), span("unknown: the log has no β", "dim")];
  const place = Math.round((Math.min(1.5, Math.max(0, -ratio)) / 1.5) * (cells - 1));
  const limit = Math.round((1 / 1.5) * (cells - 1));
  const role = ratio < -1 ? "bad" : ratio < -0.3 ? "warn" : "good";
  const bar = Array.from({ length: cells }, (_, cell) =>
    cell === place ? "●" : cell === limit ? "│" : cell < place ? "█" : "░",
  ).join("");
  return [
    span(" squeeze         ", "dim"),
    "0 ",
    span(bar, role),
    span(` −1.5   stop before −1 (${ratio < -1 ? "passed" : "not reached"})`, role),
  ];
}
