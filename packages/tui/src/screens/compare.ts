import { headline } from "@mede2/runs";
import { lineChart } from "../chart/line-chart.ts";
import type { ComparedRun } from "../data/compare-data.ts";
import { beside, box } from "../layout/box.ts";
import type { Look } from "../look/look.ts";
import type { Model } from "../state/model.ts";
import { smoothings, type Ui } from "../state/ui.ts";
import { allSteps } from "../state/zoom.ts";
import { fit, pathEnd } from "../text/cells.ts";
import { number, percent } from "../text/format.ts";
import { blank, type Line, type Role, span } from "../text/line.ts";
import { visible } from "../text/visible.ts";
import { endOf, type Page, placeOf, seenOf } from "./page.ts";
import { stageOf, statusSegment } from "./status.ts";

/** Two to four runs: one metric of all, what differs between their plans, and the scores of their checkpoints. */
export function compareScreen(model: Model, ui: Ui, look: Look, rows: number): Line[] {
  const { compare } = model;
  if (compare === undefined) return [[span(" reading …", "dim")]];
  const legend = compare.runs.map(
    ({ run }, index): Line => [
      span(` ${["●", "○", "+", "×"][index]} ${fit(run.id, 34)}`, `series${index}` as Role),
      ` ${fit(stageOf(run.kind), 10)} `,
      statusSegment(run.status),
      `  step ${run.state.step}`,
      run.state.losses.last === null ? "" : `, loss ${number(run.state.losses.last)}`,
      resultText(run.state),
    ],
  );
  const names = [...new Set(compare.runs.flatMap(({ run }) => Object.keys(run.series.byName)))];
  const metric = names[ui.compared % Math.max(1, names.length)];
  const chartRows = chartRowsOf(rows, compare.runs.length);
  const series = compare.runs.flatMap(({ run }, colour) => {
    const found = metric === undefined ? undefined : run.series.byName[metric];
    return found === undefined ? [] : [{ title: run.id.slice(0, 16), series: found, colour }];
  });
  const chart =
    metric === undefined
      ? [blank, [span(" none of these runs has curves", "dim")]]
      : lineChart(
          {
            title: metric.replace(/^eval:/, ""),
            series,
            ...(ui.charts.zoom ?? allSteps(model)),
            log: ui.charts.log,
            smooth: smoothings[ui.charts.smooth] ?? 0,
          },
          {
            columns: look.columns - 2,
            rows: chartRows - 2,
            ascii: look.ascii,
            colours: look.depth !== "none" && look.theme !== "mono",
          },
        );
  const belowRows = rows - legend.length - chartRows;
  const pages = listsBelow(model, look, rows);
  return [
    ...legend,
    ...box(chart, {
      title: `${(ui.compared % Math.max(1, names.length)) + 1}/${names.length}, m for the next`,
      columns: look.columns,
      rows: chartRows,
    }),
    ...beside(
      ...pages.map(({ title, columns, ...page }) => ({
        lines: box(seenOf(page, ui.scroll), {
          title: `${title}${placeOf(page, ui.scroll)}`,
          columns,
          rows: belowRows,
        }),
        columns,
      })),
    ),
  ];
}

type List = Page & { title: string; columns: number };

/** What stands below the curves: the plans' differences and the scores, which scroll together; in a narrow window one below the other. */
function listsBelow(model: Model, look: Look, rows: number): List[] {
  const { runs } = model.compare!;
  const below = rows - runs.length - chartRowsOf(rows, runs.length) - 2;
  const [plans, wilson] = ["Plans differ in", "Scores, 95 % Wilson intervals"];
  if (look.columns < 110) {
    const columns = look.columns;
    const differences = differenceLines(model, columns - 2);
    const lines = [...scoreLines(runs), [span(` ${plans}`, "title")] as Line, ...differences];
    return [{ title: wilson, columns, lines, rows: below }];
  }
  const left = Math.floor(look.columns / 2);
  return [
    { title: plans, columns: left, lines: differenceLines(model, left - 2), rows: below },
    { title: wilson, columns: look.columns - left, lines: scoreLines(runs), rows: below },
  ];
}

const chartRowsOf = (rows: number, runs: number) => Math.max(7, Math.floor((rows - runs) * 0.5));

/** The longest of the lists. */
export function comparePage(model: Model, _: Ui, look: Look, rows: number): Page {
  if (model.compare === undefined) return { lines: [], rows };
  return listsBelow(model, look, rows).reduce((most, each) => (endOf(each) > endOf(most) ? each : most));
}

function resultText(state: ComparedRun["run"]["state"]): string {
  const found = headline(state);
  return found === null
    ? ""
    : `, ${found.name} ${/accuracy/.test(found.name) ? percent(found.value, 1) : number(found.value)}`;
}

function differenceLines({ compare }: Model, columns: number): Line[] {
  const { runs, differences } = compare!;
  if (differences.length === 0) return [[span(" nothing: the plans are the same", "dim")]];
  const cells = Math.max(8, Math.floor((columns - 26) / runs.length));
  return differences.map(
    ({ path, values }): Line => [
      span(` ${fit(path, 24)}`, "dim"),
      ...values.map((value, index) =>
        span(` ${fit(shown(path, value, cells - 1), cells - 1)}`, `series${index}` as Role),
      ),
    ],
  );
}

/** Of what names a folder or a file the end. */
const shown = (path: string, value: string, cells: number): string =>
  /(?:^|\.)(?:model|adapter|reference|path)$/.test(path) ? pathEnd(visible(value), cells) : value;

function scoreLines(runs: readonly ComparedRun[]): Line[] {
  const lines = runs.flatMap(({ scores }, index) =>
    scores.map(
      ({ task, images, correct, n, low, high }): Line => [
        span(` ${["●", "○", "+", "×"][index]} `, `series${index}` as Role),
        `${task}, ${images}: `,
        span(percent(correct / n, 1), "title"),
        span(` [${(100 * low).toFixed(1)}, ${(100 * high).toFixed(1)}]  ${correct} of ${n}`, "dim"),
      ],
    ),
  );
  return lines.length > 0 ? lines : [[span(" no evaluation of their checkpoints in the workspace", "dim")]];
}
