import { plannedSteps, secondsLeft, shareDone, type TrackedRun } from "@mede2/runs";
import { lineChart } from "../chart/line-chart.ts";
import { beside, box } from "../layout/box.ts";
import type { Look } from "../look/look.ts";
import { type Chart, chartsOf } from "../state/charts.ts";
import type { Model } from "../state/model.ts";
import { smoothings, type Ui } from "../state/ui.ts";
import { allSteps } from "../state/zoom.ts";
import { pathEnd } from "../text/cells.ts";
import { bytes, clock, duration, number } from "../text/format.ts";
import { blank, type Line, span } from "../text/line.ts";
import { visible } from "../text/visible.ts";
import { wrap } from "../text/wrap.ts";
import { alarmLines, alarmsIn } from "./alarm-lines.ts";
import { lostLines } from "./lost-lines.ts";
import { progressBar, stageOf } from "./status.ts";
import { summaryLines } from "./workspace.ts";

export function runScreen(model: Model, ui: Ui, look: Look, rows: number): Line[] {
  const { run } = model;
  if (run === undefined) return [[span(` ${model.problem ?? "reading …"}`, "dim")]];
  const wide = look.columns >= 150;
  const sideColumns = wide ? 52 : 0;
  const head = headLines(run, look.columns, rows, model.now);
  const alarmRows = wide ? 0 : alarmRoom(run, look.columns, rows);
  const chartRows = rows - head.length - alarmRows;
  const grid = chartGrid(model, ui, look, look.columns - sideColumns, chartRows);
  const middle = wide
    ? beside(
        { lines: grid, columns: look.columns - sideColumns },
        { lines: sidePanel(run, sideColumns, chartRows), columns: sideColumns },
      )
    : grid;
  return [...head, ...middle, ...alarmBox(run, look.columns, alarmRows)];
}

function alarmBox({ alarms }: TrackedRun, columns: number, rows: number): Line[] {
  if (rows === 0) return [];
  const { title, lines } = alarmsIn(alarms, columns - 4, rows - 2);
  return box(
    lines.map((line): Line => [" ", ...line]),
    { title, columns, rows },
  );
}

function headLines(run: TrackedRun, columns: number, rows: number, now: number): Line[] {
  const { state, manifest } = run;
  const steps = plannedSteps(state, manifest?.plan);
  const share = shareDone(state, manifest?.plan);
  const left = secondsLeft(state, manifest?.plan);
  const where =
    state.latest === null && state.progress !== null
      ? `${state.progress.done} of ${state.progress.total} ${state.progress.unit}`
      : steps === undefined
        ? `step ${state.step}`
        : `step ${state.step} of ${steps}`;
  const line: Line = [
    " ",
    ...progressBar(share, Math.max(10, Math.min(40, columns - 60))),
    ` ${where}`,
    share === undefined ? "" : ` · ${Math.floor(share * 100)} %`,
    left === null || run.status !== "running" ? "" : ` · ${duration(left)} left`,
    span(state.attempt > 1 ? ` · attempt ${state.attempt}` : "", "dim"),
  ];
  const lines: Line[] = [line, ...summaryLines(run, now, columns, { left: false })];
  if (state.failure !== null) {
    const { message, next } = state.failure;
    const whole = wrap(`${message} → ${next}`, columns - 2, [], { role: "bad" });
    const most = Math.max(4, Math.floor(rows / 3));
    const shown =
      whole.length <= most ? whole : [...whole.slice(0, most - 1), [span("… a shows all of it", "dim")]];
    lines.push(...shown.map((each): Line => [" ", ...each]));
  }
  if (run.status === "lost") lines.push(...lostLines(run, now, columns));
  return lines;
}

/** Room for alarms below the charts, but never so much that no chart is left. */
function alarmRoom(run: TrackedRun, columns: number, rows: number): number {
  if (run.alarms.length === 0) return 0;
  const needed = run.alarms.flatMap((alarm) => alarmLines(alarm, columns - 4)).length + 2;
  const most = Math.max(5, Math.floor(rows / 3));
  return needed <= most ? needed : Math.min(most, Math.max(3, run.alarms.length + 2));
}

function chartGrid(model: Model, ui: Ui, look: Look, columns: number, rows: number): Line[] {
  const charts = chartsOf(model.run, ui);
  if (charts.length === 0)
    return [
      blank,
      [span(` ${noCharts(model.run, ui)}`, "dim")],
      ...Array.from({ length: Math.max(0, rows - 2) }, () => blank),
    ];
  const focus = Math.min(ui.charts.focus, charts.length - 1);
  const across = ui.charts.maximised ? 1 : columns >= 170 ? 3 : columns >= 90 ? 2 : 1;
  const down = ui.charts.maximised
    ? 1
    : Math.max(1, Math.min(Math.ceil(charts.length / across), Math.floor(rows / 9)));
  const size = across * down;
  const page = Math.floor(focus / size);
  const shown = ui.charts.maximised ? [charts[focus]!] : charts.slice(page * size, (page + 1) * size);
  const result: Line[] = [];
  for (let row = 0; row < down; row++) {
    const height = Math.floor(rows / down) + (row < rows % down ? 1 : 0);
    const blocks = Array.from({ length: across }, (_, column) => {
      const width = Math.floor(columns / across) + (column < columns % across ? 1 : 0);
      const chart = shown[row * across + column];
      const index = ui.charts.maximised ? focus : page * size + row * across + column;
      const lines =
        chart === undefined
          ? Array.from({ length: height }, () => blank)
          : oneChart(chart, model, ui, look, width, height, index === focus, `${index + 1}/${charts.length}`);
      return { lines, columns: width };
    });
    result.push(...beside(...blocks));
  }
  return result;
}

function noCharts(run: TrackedRun | undefined, ui: Ui): string {
  if (ui.charts.filter !== "") return `no metric fits /${ui.charts.filter}/`;
  return run?.status === "queued"
    ? "the run has not begun yet"
    : "this run has no curves; see its log (4) and its traces (5)";
}

function oneChart(
  chart: Chart,
  model: Model,
  ui: Ui,
  look: Look,
  columns: number,
  rows: number,
  focused: boolean,
  place: string,
): Line[] {
  const { from, to } = ui.charts.zoom ?? allSteps(model);
  const lines = lineChart(
    { ...chart, from, to, log: ui.charts.log, smooth: smoothings[ui.charts.smooth] ?? 0 },
    {
      columns: columns - 2,
      rows: rows - 2,
      ascii: look.ascii,
      colours: look.depth !== "none" && look.theme !== "mono",
    },
  );
  const zoom = ui.charts.zoom === null ? "" : ` · steps ${Math.round(from)}–${Math.round(to)}`;
  return box(lines, { title: `${place}${zoom}`, columns, rows, focused });
}

/** State, evaluations, checkpoints, requests and alarms beside the charts, where the terminal is wide. */
function sidePanel(run: TrackedRun, columns: number, rows: number): Line[] {
  const { state } = run;
  const inner = columns - 4;
  const facts: Line[] = [
    [span("model     ", "dim"), run.model === undefined ? "–" : pathEnd(visible(run.model), inner - 10)],
    [span("stage     ", "dim"), `${stageOf(run.kind)}, ${run.recipe}`],
    [span("device    ", "dim"), run.manifest?.device ?? "–"],
    [
      span("rate      ", "dim"),
      state.latest?.learningRate === undefined ? "–" : number(state.latest.learningRate),
    ],
    [
      span("tokens    ", "dim"),
      `${number(state.totals.tokens)}, ${number(state.totals.supervisedTokens)} of them supervised`,
    ],
    ...Object.values(state.evaluations).map(
      ({ task, step, metrics }): Line => [
        span(`${task} `, "dim"),
        `${Object.entries(metrics)
          .map(([name, value]) => `${name} ${number(value)}`)
          .join(", ")} (step ${step})`,
      ],
    ),
    ...state.checkpoints
      .slice(-3)
      .map(({ step, bytes: size }): Line => [span("saved     ", "dim"), `step ${step}, ${bytes(size)}`]),
    ...requestLines(run, 5),
    ...(run.bad.count === 0 ? [] : [[span(`${run.bad.count} lines of the log cannot be read`, "warn")]]),
    ...(state.missing === 0 ? [] : [[span(`${state.missing} events are missing`, "warn")]]),
  ];
  const needed = run.alarms.flatMap((alarm) => alarmLines(alarm, inner)).length + 2;
  const alarmRows = run.alarms.length === 0 ? 0 : Math.min(needed, Math.floor(rows / 2));
  const pad = (line: Line): Line => [" ", ...line];
  return [
    ...box(facts.map(pad), { title: "Run", columns, rows: rows - alarmRows }),
    ...alarmBox(run, columns, alarmRows),
  ];
}

/** The newest requests: who asked, and what the run answered. */
export function requestLines({ requests, state, status }: TrackedRun, most: number): Line[] {
  return requests.slice(-most).map(({ id, by, request, ts, args }): Line => {
    const answer = state.controls.find((each) => each.id === id);
    const open = status === "running" || status === "paused";
    const outcome =
      answer !== undefined
        ? span(answer.outcome, answer.outcome === "done" ? "good" : "bad")
        : span(open ? "waiting" : `not answered: the run is ${status}`, "warn");
    return [
      span("request   ", "dim"),
      `${request}${typeof args.learningRate === "number" ? ` ${number(args.learningRate)}` : ""} by ${by} at ${clock(ts)}: `,
      outcome,
      answer?.reason === undefined ? "" : ` (${answer.reason})`,
    ];
  });
}
