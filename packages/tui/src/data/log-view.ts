import type { LogLine } from "@mede2/runs";
import { isRoutine } from "../screens/event-text.ts";
import type { LogModel } from "../state/model.ts";
import type { LogMove } from "../state/ui.ts";
import type { LineSource } from "./line-source.ts";

/** The part of a log that is on the screen. Every movement reads a page, wherever in the file it is: nothing is kept of the rest. */
export interface LogView {
  /** Shows `rows` lines of the newest while it follows; otherwise fills up when there is more room. */
  refresh(rows: number): Promise<LogModel>;
  move(move: LogMove, rows: number): Promise<LogModel>;
}

export function openLogView(source: LineSource, hideSteps: boolean): LogView {
  let hidden = hideSteps;
  let follow = true;
  let lines: LogLine[] = [];
  let selected = 0;
  let size = 0;

  const keep = (text: string) => !hidden || !isRoutine(text);
  const page = (at: number, direction: "back" | "forward", count: number) =>
    source.page({ at, direction, count, keep });
  const model = (): LogModel => ({
    lines,
    selected: follow ? undefined : lines[selected]?.offset,
    follow,
    place: size === 0 ? 1 : Math.min(1, (lines.at(-1)?.end ?? 0) / size),
    searching: false,
    read: true,
  });
  const measure = async () => {
    size = await source.size();
  };
  const newest = async (rows: number) => {
    await measure();
    lines = (await page(size, "back", rows)).lines;
    selected = Math.max(0, lines.length - 1);
  };
  /** Puts a line in the middle. */
  const around = async (offset: number, rows: number) => {
    await measure();
    const before = (await page(offset, "back", Math.floor(rows / 2))).lines;
    const after = (await page(offset, "forward", rows - before.length)).lines;
    lines = [...before, ...after];
    selected = Math.min(before.length, Math.max(0, lines.length - 1));
  };

  return {
    async refresh(rows) {
      if (follow) await newest(rows);
      else {
        await measure();
        if (lines.length > rows) {
          const start = Math.max(0, Math.min(lines.length - rows, selected - rows + 1));
          lines = lines.slice(start, start + rows);
          selected -= start;
        } else if (lines.length < rows)
          lines = [...lines, ...(await page(lines.at(-1)?.end ?? 0, "forward", rows - lines.length)).lines];
      }
      return model();
    },
    async move(move, rows) {
      if ("hideSteps" in move) {
        hidden = move.hideSteps;
        const at = lines[selected]?.offset;
        if (follow || at === undefined) await newest(rows);
        else await around(at, rows);
      } else if ("to" in move) {
        follow = move.to === "follow";
        if (follow) await newest(rows);
        else {
          await measure();
          lines = (await page(0, "forward", rows)).lines;
          selected = 0;
        }
      } else if ("search" in move) {
        const from = lines[selected];
        const at =
          move.direction === "back"
            ? follow
              ? Number.MAX_SAFE_INTEGER
              : (from?.offset ?? 0)
            : (from?.end ?? 0);
        const found = await source.search({ needle: move.search, at, direction: move.direction });
        if (found !== null) {
          follow = false;
          hidden = false; // what was found must be seen
          await around(found, rows);
        }
      } else await step(move.by, rows);
      return model();
    },
  };

  async function step(by: number, rows: number): Promise<void> {
    const wasFollowing = follow;
    follow = false;
    if (wasFollowing && by >= 0) return; // it stands still where it is
    const target = selected + by;
    if (target >= 0 && target < lines.length) {
      selected = target;
      return;
    }
    if (target < 0) {
      const more = (await page(lines[0]?.offset ?? 0, "back", -target)).lines;
      lines = [...more, ...lines].slice(0, rows);
      selected = Math.max(0, target + more.length);
      return;
    }
    const last = lines.at(-1);
    const more = last === undefined ? [] : (await page(last.end, "forward", target - lines.length + 1)).lines;
    const all = [...lines, ...more];
    lines = all.slice(Math.max(0, all.length - rows));
    selected = Math.min(lines.length - 1, target - (all.length - lines.length));
  }
}
