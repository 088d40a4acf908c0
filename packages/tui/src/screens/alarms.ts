import type { TrackedRun } from "@mede2/runs";
import { box } from "../layout/box.ts";
import type { Look } from "../look/look.ts";
import type { Model } from "../state/model.ts";
import type { Ui } from "../state/ui.ts";
import { clock } from "../text/format.ts";
import { blank, type Line, span } from "../text/line.ts";
import { wrap } from "../text/wrap.ts";
import { alarmLines } from "./alarm-lines.ts";
import { endOf, type Page, placeOf, seenOf } from "./page.ts";
import { requestLines } from "./run.ts";

/** Everything that is wrong with a run or was: alarms with cause and next step, the failure, warnings, and what was asked of it. */
export function alarmsScreen(model: Model, ui: Ui, look: Look, rows: number): Line[] {
  const page = alarmsPage(model, ui, look, rows);
  return box(seenOf(page, ui.scroll), {
    title: `Alarms, warnings and requests${placeOf(page, ui.scroll)}`,
    columns: look.columns,
    rows,
    focused: endOf(page) > 0,
  });
}

export function alarmsPage(
  { run, problem, now }: Model,
  _: Ui,
  look: Pick<Look, "columns">,
  rows: number,
): Page {
  const lines =
    run === undefined
      ? [[span(problem ?? "reading …", "dim")]]
      : allLines(run, look.columns - 4, new Date(now).toISOString().slice(0, 10));
  return { lines: lines.map((line): Line => [" ", ...line]), rows: rows - 2 };
}

function allLines(run: TrackedRun, columns: number, today: string): Line[] {
  const { state, alarms } = run;
  const past = state.alarms.filter(({ active }) => !active);
  return [
    ...(alarms.length === 0
      ? [[span("no alarm now", "good")]]
      : alarms.flatMap((alarm) => [...alarmLines(alarm, columns), blank])),
    ...(state.failure === null
      ? []
      : wrap(`✗ ${state.failure.message} → ${state.failure.next}`, columns, [], { role: "bad" })),
    ...section("Over, of this attempt", past, ({ name, step, message }) => [
      [span(name, "text", { bold: true }), span(`  since step ${step}, over now`, "dim")],
      ...wrap(`  ${message}`, columns, [], { role: "dim" }),
    ]),
    ...section("Warnings, the newest first", [...state.warnings].reverse(), ({ code, message, ts }) => [
      [span(`${clock(ts, today)}  `, "dim"), span(code, "warn")],
      ...wrap(`  ${message}`, columns),
    ]),
    ...section("Requests", requestLines(run, 50), (line) => [line]),
    ...(run.bad.count === 0
      ? []
      : [
          blank,
          [span(`${run.bad.count} lines of the log cannot be read`, "warn")],
          ...run.bad.newest.slice(-3).flatMap(({ message }) => wrap(`  ${message}`, columns)),
        ]),
    ...(state.missing === 0 ? [] : [blank, [span(`${state.missing} events are missing`, "warn")]]),
  ];
}

function section<T>(title: string, items: readonly T[], linesOf: (item: T) => readonly Line[]): Line[] {
  return items.length === 0
    ? []
    : [blank, [span(title, "title")], ...items.flatMap((item) => [...linesOf(item)])];
}
