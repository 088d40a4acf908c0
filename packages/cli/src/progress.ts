import type { Io } from "./io.ts";
import { oneLine } from "./printable.ts";

/** How far a work is. */
export type Progress = {
  /** `total` undefined: not known. `estimate` false: the note says itself how long it takes. */
  update(done: number, total: number | undefined, note?: string, estimate?: boolean): void;
  /** Takes the bar off the screen until the next update, so that a line can be written. */
  clear(): void;
  /** Shows the last state once more and goes to a new line. */
  end(): void;
};

const barMilliseconds = 100;
const lineMilliseconds = 5000;
const barWidth = 24;

type State = {
  readonly done: number;
  readonly total: number | undefined;
  readonly note: string;
  readonly estimate: boolean;
};

/** On a terminal one line that is drawn again ten times a second at most; elsewhere a line every five seconds at most. */
export function openProgress(io: Io, title: string): Progress {
  const { stderr, clock } = io;
  const onTerminal = stderr.isTTY === true && io.env.TERM !== "dumb";
  const started = clock();
  let before: number | undefined;
  let shownAt = Number.NEGATIVE_INFINITY;
  let shown = false;
  let last: State | undefined;
  let pending = false;

  const show = (state: State): void => {
    const seconds = (clock() - started) / 1000;
    const text = describe(title, state, seconds, before ?? 0, onTerminal);
    if (onTerminal) stderr.write(`\r\u001b[K${oneLine(text, (stderr.columns ?? 80) - 1)}`);
    else stderr.write(`${oneLine(text)}\n`);
    shown = true;
    pending = false;
    shownAt = clock();
  };
  const clear = (): void => {
    if (onTerminal && shown) stderr.write("\r\u001b[K");
    shown = false;
  };
  return {
    update(done, total, note = "", estimate = true) {
      before ??= done;
      last = { done, total, note, estimate };
      pending = true;
      // a count without an end says nothing at its beginning
      const since = total === undefined && !onTerminal ? Math.max(shownAt, started) : shownAt;
      if (clock() - since >= (onTerminal ? barMilliseconds : lineMilliseconds)) show(last);
    },
    clear,
    end() {
      if (last !== undefined && (pending || (onTerminal && !shown))) show(last);
      if (onTerminal && shown) stderr.write("\n");
      shown = false;
      last = undefined;
    },
  };
}

function describe(title: string, state: State, seconds: number, before: number, bar: boolean): string {
  const { done, total, note, estimate } = state;
  if (total === undefined || total <= 0) return joined(title, String(done), note);
  const share = Math.min(1, done / total);
  const full = Math.round(share * barWidth);
  const picture = bar ? `${"█".repeat(full)}${"░".repeat(barWidth - full)} ` : "";
  const known = estimate && done > before && done < total;
  const left = known ? duration((seconds / (done - before)) * (total - done)) : "";
  const count = `${picture}${done}/${total} ${Math.floor(100 * share)} %`;
  return joined(`${title} ${count}`, note, left === "" ? "" : `${left} left`);
}

const joined = (...parts: string[]): string => parts.filter((part) => part !== "").join(" · ");

/** Seconds in the two largest units, such as "3 min 20 s". */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
