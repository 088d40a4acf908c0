import { cellsOf, cut } from "./cells.ts";
import { visible } from "./visible.ts";

export type Rgb = readonly [red: number, green: number, blue: number];

/** What a piece of text is; the theme says how it looks. */
export type Role =
  | "text"
  | "dim"
  | "title"
  | "good"
  | "warn"
  | "bad"
  | "accent"
  | "frame"
  | "series0"
  | "series1"
  | "series2"
  | "series3"
  | "chosen"
  | "rejected";

export interface Style {
  role?: Role;
  bold?: boolean;
  underline?: boolean;
  inverse?: boolean;
  /** Of a picture: colours that no theme changes. */
  fg?: Rgb;
  bg?: Rgb;
  /** These cells show a row of a picture that the terminal holds, in place of the text. */
  picture?: { readonly id: number; readonly row: number };
}

export interface Segment extends Style {
  text: string;
}

/** One row of the screen. */
export type Line = readonly (string | Segment)[];

const segmentOf = (piece: string | Segment): Segment => (typeof piece === "string" ? { text: piece } : piece);
export const span = (text: string, role: Role, more: Omit<Style, "role"> = {}): Segment => ({
  text,
  role,
  ...more,
});
export const plainText = (line: Line): string => line.map((piece) => visible(segmentOf(piece).text)).join("");
export const lineCells = (line: Line): number => cellsOf(plainText(line));
export const blank: Line = [];

/** The line in exactly so many cells. All that is untrusted passes `visible` here at the latest. */
export function fitLine(line: Line, cells: number): Segment[] {
  const result: Segment[] = [];
  let left = cells;
  for (const [index, piece] of line.entries()) {
    const segment = segmentOf(piece);
    const text = visible(segment.text);
    const width = cellsOf(text);
    if (width <= left) {
      if (text !== "") result.push({ ...segment, text });
      left -= width;
      continue;
    }
    const more = cellsOf(plainText(line.slice(index + 1))) + width > left;
    const begin = cut(text, Math.max(0, more ? left - 1 : left));
    if (left > 0) result.push({ ...segment, text: `${begin.text}…` });
    left -= begin.cells + 1;
    break;
  }
  if (left > 0) result.push({ text: " ".repeat(left) });
  return result;
}

/** The line with a style over every piece of it, such as that of a selected row. */
export const styled = (line: Line, style: Style): Line =>
  line.map((piece) => ({ ...segmentOf(piece), ...style }));

/** Exactly `height` lines. */
export function fitHeight(lines: readonly Line[], height: number): Line[] {
  const result = lines.slice(0, Math.max(0, height));
  while (result.length < height) result.push(blank);
  return result;
}
