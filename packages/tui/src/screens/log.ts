import { box } from "../layout/box.ts";
import type { Look } from "../look/look.ts";
import type { Model } from "../state/model.ts";
import type { Ui } from "../state/ui.ts";
import { fit } from "../text/cells.ts";
import { percent } from "../text/format.ts";
import { blank, type Line, span, styled } from "../text/line.ts";
import { wrap } from "../text/wrap.ts";
import { eventSegments } from "./event-text.ts";

/** Rows of the log's list, given those of the screen. */
export const logRows = (rows: number, detail: boolean): number =>
  Math.max(1, rows - 2 - (detail ? detailRows(rows) : 0));
const detailRows = (rows: number) => Math.max(4, Math.floor(rows / 2));

export function logScreen(model: Model, ui: Ui, look: Look, rows: number): Line[] {
  const { log, run } = model;
  const state = log.searching
    ? "searching …"
    : log.follow
      ? "following"
      : `standing still at ${percent(log.place)}, end to follow`;
  const steps =
    run?.foreign !== undefined ? "" : ui.hideSteps ? " · steps left out, t shows them" : " · all events";
  const title = `${run?.foreign === undefined ? "Events" : `The log of ${run.foreign}`} of ${run?.id ?? "–"} · ${state}${steps}`;
  // a state file of transformers is one record over many lines
  const whole = run?.log.endsWith(".json") === true;
  const list = log.lines.map(({ text, offset }): Line => {
    const { time, type, text: words } = eventSegments(whole ? "{}" : text, run?.requests);
    const line: Line = whole
      ? [` ${text}`]
      : [span(` ${time.padEnd(9)}`, "dim"), { ...type, text: fit(type.text, 21) }, words];
    return offset === log.selected ? styled(line, { inverse: true }) : line;
  });
  const empty: Line[] = [
    [
      span(
        !log.read
          ? " reading …"
          : run === undefined || run.state.events === 0
            ? " no events yet"
            : " only steps so far; t shows them",
        "dim",
      ),
    ],
  ];
  const detail = ui.logDetail ? detailRows(rows) : 0;
  const parts = box(list.length === 0 ? empty : list, {
    title,
    columns: look.columns,
    rows: rows - detail,
    focused: true,
  });
  if (detail === 0) return parts;
  const chosen = log.lines.find(({ offset }) => offset === log.selected) ?? log.lines.at(-1);
  const lines = chosen === undefined ? [blank] : detailLines(chosen.text, look.columns - 4, detail - 2);
  const hidden = lines.length - (detail - 2);
  return [
    ...parts,
    ...box(lines, {
      title: hidden > 0 ? `The event, without its last ${hidden} lines` : "The whole event",
      columns: look.columns,
      rows: detail,
    }),
  ];
}

/** A field a line, or close together where there is no room for that. */
function detailLines(text: string, columns: number, rows: number): Line[] {
  const spread = wrap(pretty(text), columns);
  const lines = spread.length <= rows ? spread : wrap(text.slice(0, 20_000), columns);
  return lines.map((line): Line => [" ", ...line]);
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 1);
  } catch {
    return text.slice(0, 20_000);
  }
}
