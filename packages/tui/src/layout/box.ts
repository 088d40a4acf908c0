import { cellsOf } from "../text/cells.ts";
import { blank, fitHeight, fitLine, type Line, span } from "../text/line.ts";
import { shorten } from "../text/wrap.ts";

export interface BoxSettings {
  title: string;
  columns: number;
  rows: number;
  focused?: boolean;
}

/** Lines in a frame with a title, exactly `rows` × `columns`. */
export function box(lines: readonly Line[], { title, columns, rows, focused = false }: BoxSettings): Line[] {
  const role = focused ? "accent" : "frame";
  const inner = Math.max(0, columns - 2);
  const name = title === "" ? "" : ` ${shorten(title, Math.max(1, inner - 4))} `;
  const top: Line = [
    span("┌─", role),
    span(name, focused ? "accent" : "title", { bold: focused }),
    span(`${"─".repeat(Math.max(0, inner - 1 - cellsOf(name)))}┐`, role),
  ];
  const bottom: Line = [span(`└${"─".repeat(inner)}┘`, role)];
  const body = fitHeight(lines, rows - 2).map(
    (line): Line => [span("│", role), ...fitLine(line, inner), span("│", role)],
  );
  return [top, ...body, bottom].slice(0, Math.max(0, rows));
}

/** Blocks beside each other; each is given with its width. Shorter ones are filled up. */
export function beside(...blocks: readonly { lines: readonly Line[]; columns: number }[]): Line[] {
  const rows = Math.max(0, ...blocks.map(({ lines }) => lines.length));
  return Array.from(
    { length: rows },
    (_, row): Line => blocks.flatMap(({ lines, columns }) => fitLine(lines[row] ?? blank, columns)),
  );
}

/** A window of `rows` lines on a long list that keeps the selected one in sight. */
export function windowOn<T>(
  items: readonly T[],
  selected: number,
  rows: number,
): { start: number; items: T[] } {
  const start = Math.max(0, Math.min(items.length - rows, selected - Math.floor(rows / 2)));
  return { start, items: items.slice(start, start + Math.max(0, rows)) };
}
