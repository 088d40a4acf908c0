import {
  headline,
  pace,
  plannedSteps,
  preferenceView,
  secondsLeft,
  shareDone,
  type TrackedRun,
  type WorkspaceRun,
} from "@mede2/runs";
import { box, windowOn } from "../layout/box.ts";
import type { Look } from "../look/look.ts";
import { dirOf, listedRuns, selectedIndex } from "../state/listed-runs.ts";
import type { Model } from "../state/model.ts";
import type { Ui } from "../state/ui.ts";
import { fit, pathEnd } from "../text/cells.ts";
import { bytes, clock, duration, number, percent } from "../text/format.ts";
import { type Line, lineCells, plainText, type Segment, span, styled } from "../text/line.ts";
import { visible } from "../text/visible.ts";
import { wrap } from "../text/wrap.ts";
import { alarmLines } from "./alarm-lines.ts";
import { lostLines } from "./lost-lines.ts";
import { progressBar, stageOf, statusSegment } from "./status.ts";

interface Column {
  title: string;
  cells: number;
  right?: boolean;
  of(run: TrackedRun): string | Segment | Segment[];
}

const column = (title: string, cells: number, of: Column["of"], right = false): Column => ({
  title,
  cells,
  of,
  right,
});

/** The columns that fit, the least telling left out first. */
function columnsFor(width: number, idCells: number): Column[] {
  const steps = ({ state, manifest }: TrackedRun) => {
    const planned = plannedSteps(state, manifest?.plan);
    if (state.latest === null && state.progress !== null)
      return `${state.progress.done}/${state.progress.total}`;
    return planned === undefined ? String(state.step) : `${state.step}/${planned}`;
  };
  const all: (readonly [rank: number, Column])[] = [
    [0, column("run", Math.min(width < 100 ? 22 : width < 130 ? 24 : idCells, idCells), ({ id }) => id)],
    [3, column("stage", 9, ({ kind }) => stageOf(kind))],
    [8, column("model", 24, ({ model }) => (model === undefined ? "–" : pathEnd(visible(model), 24)))],
    [0, column("status", 10, ({ status }) => statusSegment(status))],
    [7, column("", 10, ({ state, manifest }) => progressBar(shareDone(state, manifest?.plan), 10))],
    [1, column("step", 11, steps, true)],
    [5, column("left", 7, ({ state, manifest }) => left(secondsLeft(state, manifest?.plan)), true)],
    [
      2,
      column("loss", 8, ({ state }) => (state.losses.last === null ? "–" : number(state.losses.last)), true),
    ],
    [6, column("result", 15, ({ state }) => headlineText(state, true))],
    [
      9,
      column("begun", 11, ({ createdAt }) =>
        createdAt === undefined ? "–" : `${createdAt.slice(5, 10)} ${createdAt.slice(11, 16)}`,
      ),
    ],
    [1, column("alarms", width < 100 ? 14 : width < 130 ? 16 : 18, ({ alarms }) => alarmText(alarms))],
  ];
  const kept = [...all];
  const total = () => kept.reduce((sum, [, { cells }]) => sum + cells + 2, 2);
  while (total() > width && kept.length > 3) {
    const worst = kept.reduce((most, each) => (each[0] > most[0] ? each : most));
    if (worst[0] === 0) break;
    kept.splice(kept.indexOf(worst), 1);
  }
  return kept.map(([, each]) => each);
}

const left = (seconds: number | null) => (seconds === null ? "–" : duration(seconds));

function headlineText(state: TrackedRun["state"], short = false): string {
  const found = headline(state);
  if (found === null) return "–";
  const { value } = found;
  const name = short ? found.name.split(" ").at(-1)! : found.name;
  return `${name} ${/accuracy/.test(name) && value <= 1 ? percent(value, 1) : number(value)}`;
}

function alarmText(alarms: TrackedRun["alarms"]): Segment {
  const worst = alarms.find(({ level }) => level === "error") ?? alarms[0];
  if (worst === undefined) return span("–", "dim");
  const more = alarms.length > 1 ? ` +${alarms.length - 1}` : "";
  return span(
    `${worst.level === "error" ? "✗" : "▲"} ${worst.name}${more}`,
    worst.level === "error" ? "bad" : "warn",
  );
}

export function workspaceScreen(model: Model, ui: Ui, look: Look, rows: number): Line[] {
  const runs = listedRuns(model, ui);
  const at = selectedIndex(runs, ui.selected);
  const chosen = runs[at];
  const detailRows = rows >= 16 ? Math.min(14, Math.max(6, rows - runs.length - 4)) : 0;
  const listRows = rows - detailRows;
  const list =
    runs.length === 0
      ? emptyList(model, ui, look.columns - 4)
      : table(runs, at, ui, look.columns - 2, listRows - 2);
  const title = `Runs of ${model.workspace}${ui.filter === "" ? "" : `, that fit /${ui.filter}/`}`;
  const parts = [box(list, { title, columns: look.columns, rows: listRows, focused: true })];
  if (detailRows > 0)
    parts.push(
      box(chosen === undefined ? [] : details(chosen, look.columns - 2, model.now), {
        title: chosen === undefined ? "" : "Selected",
        columns: look.columns,
        rows: detailRows,
      }),
    );
  return parts.flat();
}

function emptyList({ runs, workspace }: Model, ui: Ui, columns: number): Line[] {
  if (runs === undefined) return [[span(" reading …", "dim")]];
  if (ui.filter !== "") return [[span(` no run fits /${ui.filter}/; press / and enter to show all`, "dim")]];
  return wrap(
    `There are no runs in ${workspace} yet.\n\nPress n to start one, or run  mede2 demo --quick --out ${workspace}  in another window.`,
    columns,
  ).map((line) => [" ", ...line]);
}

function table(runs: readonly WorkspaceRun[], at: number, ui: Ui, width: number, rows: number): Line[] {
  const ids = runs.map((each) => (each.readable ? each.run.id.length : each.id.length));
  const columns = columnsFor(width, Math.min(34, Math.max(10, ...ids)));
  const head: Line = [
    "  ",
    span(
      columns.map(({ title, cells, right }) => fit(title, cells, right ? "right" : "left")).join("  "),
      "dim",
    ),
  ];
  const { start, items } = windowOn(runs, at, rows - 1);
  const body = items.map((each, index): Line => {
    const mark = ui.marked.includes(dirOf(each)) ? "◆" : start + index === at ? "▶" : " ";
    const line: Line = each.readable
      ? [`${mark} `, ...columns.flatMap((one) => cellOf(one, each.run))]
      : [`${mark} `, span(`${each.id}  `, "text"), span(each.reason, "bad")];
    return start + index === at ? selected(line, width) : line;
  });
  return [head, ...body];
}

const selected = (line: Line, width: number): Line => {
  const filled = [...line, " ".repeat(Math.max(0, width - plainText(line).length))];
  return styled(filled, { inverse: true });
};

function cellOf({ cells, right, of }: Column, run: TrackedRun): Segment[] {
  const value = of(run);
  if (Array.isArray(value)) return [...value, span("  ", "text")];
  const segment = typeof value === "string" ? span(value, "text") : value;
  return [{ ...segment, text: fit(segment.text, cells, right ? "right" : "left") }, span("  ", "text")];
}

/** What is known of one run, in a few lines: also the first lines of its own screen. */
export function details(each: WorkspaceRun, columns: number, now: number): Line[] {
  if (!each.readable) return wrap(each.reason, columns, [], { role: "bad" });
  const { run } = each;
  const { createdAt, model } = run;
  const lines: Line[] = [
    [" ", span(run.id, "title"), `  ${stageOf(run.kind)}, ${run.recipe}  `, statusSegment(run.status)],
    ...(model === undefined && createdAt === undefined
      ? []
      : [
          [
            ...(model === undefined
              ? []
              : [span(" model ", "dim"), pathEnd(visible(model), Math.max(20, columns - 34))]),
            ...(createdAt === undefined
              ? []
              : [
                  span(`${model === undefined ? " " : "  "}begun `, "dim"),
                  createdAt.slice(0, 16).replace("T", " "),
                ]),
          ],
        ]),
    ...summaryLines(run, now, columns),
  ];
  const found = headline(run.state);
  if (found !== null && preferenceView(run.state) === null)
    lines.push([span(" result ", "dim"), headlineText(run.state)]);
  const view = preferenceView(run.state);
  if (view !== null)
    lines.push([
      " ",
      span("rewards  ", "dim"),
      `accuracy ${view.accuracy === null ? "–" : percent(view.accuracy)}, margin ${view.margin === null ? "–" : number(view.margin)}, chosen log-ratio ${view.chosenLogRatio === null ? "–" : number(view.chosenLogRatio)}`,
    ]);
  if (run.state.failure !== null)
    lines.push(
      ...wrap(`${run.state.failure.message} → ${run.state.failure.next}`, columns - 1, [], {
        role: "bad",
      }).map((line) => [" ", ...line]),
    );
  if (run.status === "lost") lines.push(...lostLines(run, now, columns));
  for (const alarm of run.alarms) lines.push(...alarmLines(alarm, columns - 1).map((line) => [" ", ...line]));
  return lines;
}

/** Speed, time left, memory and age of the newest event, on as many lines as they need. `left` is left out where it stands beside the progress. */
export function summaryLines(
  { state, manifest, status }: TrackedRun,
  now: number,
  columns: number,
  { left: withLeft = true } = {},
): Line[] {
  const parts: [string, string][] = [];
  const { tokensPerSecond, secondsPerStep } = pace(state);
  if (state.losses.last !== null && state.losses.first !== null)
    parts.push([
      "loss",
      `${number(state.losses.last)} (first ${number(state.losses.first)}, lowest ${number(state.losses.lowest ?? state.losses.last)})`,
    ]);
  if (tokensPerSecond !== null) parts.push(["speed", `${number(tokensPerSecond)} tokens/s`]);
  if (secondsPerStep !== null) parts.push(["step", `${number(secondsPerStep)}s`]);
  const remaining = secondsLeft(state, manifest?.plan);
  if (withLeft && remaining !== null && status === "running") parts.push(["left", duration(remaining)]);
  if (state.peakMemoryBytes !== null) parts.push(["memory", bytes(state.peakMemoryBytes)]);
  if (state.updatedAt !== null) {
    // what has ended is told by its time: an age would change every second
    const alive = status === "running" || status === "paused" || status === "lost";
    const age = duration((now - Date.parse(state.updatedAt)) / 1000);
    parts.push(
      alive
        ? ["last event", `${age} ago`]
        : ["ended", clock(state.updatedAt, new Date(now).toISOString().slice(0, 10))],
    );
  }
  const lines: Segment[][] = [];
  for (const [name, value] of parts) {
    const piece = [span(` ${name} `, "dim"), span(`${value} `, "text")];
    const line = lines.at(-1);
    if (line === undefined || lineCells(line) + lineCells(piece) > columns) lines.push(piece);
    else line.push(...piece);
  }
  return lines;
}
