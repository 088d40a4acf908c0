import type { Line } from "../text/line.ts";

/** What a screen shows of a text that may be longer than it: all lines, and how many rows there are for them. */
export interface Page {
  lines: readonly Line[];
  rows: number;
}

/** How far it can be scrolled. */
export const endOf = ({ lines, rows }: Page): number => Math.max(0, lines.length - rows);

/** The lines that are seen. */
export function seenOf(page: Page, scroll: number): Line[] {
  const start = Math.min(Math.max(0, scroll), endOf(page));
  return page.lines.slice(start, start + page.rows);
}

/** How much of it is seen, for a title; nothing when all is. */
export const placeOf = (page: Page, scroll: number): string =>
  endOf(page) === 0
    ? ""
    : ` · lines ${Math.min(scroll, endOf(page)) + 1}–${Math.min(page.lines.length, Math.min(scroll, endOf(page)) + page.rows)} of ${page.lines.length}`;
