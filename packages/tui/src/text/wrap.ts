import { cellsOf, cut } from "./cells.ts";
import type { Line, Segment, Style } from "./line.ts";
import { visible } from "./visible.ts";

/** A stretch of a text with a style, as offsets into it. Where several overlap, the later one wins. */
export interface Marked {
  start: number;
  end: number;
  style: Style;
}

/** A text in lines of at most `cells` cells, broken at spaces where there are some, with its marked stretches styled. Newlines break lines; all else is made visible. */
export function wrap(text: string, cells: number, marked: readonly Marked[] = [], base: Style = {}): Line[] {
  const lines: Line[] = [];
  let offset = 0;
  for (const paragraph of text.split("\n")) {
    for (const [start, end] of breaks(paragraph, Math.max(1, cells)))
      lines.push(segmentsOf(text, offset + start, offset + end, marked, base));
    offset += paragraph.length + 1;
  }
  return lines;
}

/** Where the lines of a paragraph begin and end. */
function breaks(paragraph: string, cells: number): [number, number][] {
  if (paragraph === "") return [[0, 0]];
  const found: [number, number][] = [];
  let start = 0;
  while (start < paragraph.length) {
    const rest = paragraph.slice(start);
    if (rest.length <= cells && cellsOf(visible(rest)) <= cells) {
      found.push([start, paragraph.length]);
      break;
    }
    let length = fittingLength(rest, cells);
    const space = rest.lastIndexOf(" ", length);
    if (length < rest.length && space > 0) length = space;
    found.push([start, start + length]);
    start += length;
    while (paragraph[start] === " ") start += 1;
  }
  return found;
}

/** How many UTF-16 code units of a text fit, at least one character. */
function fittingLength(text: string, cells: number): number {
  const window = text.slice(0, cells + 1);
  if (cellsOf(visible(window)) === window.length) return Math.min(text.length, cells);
  let [length, used] = [0, 0];
  for (const character of text) {
    const width = cellsOf(visible(character));
    if (used + width > cells && length > 0) break;
    length += character.length;
    used += width;
    if (used >= cells) break;
  }
  return Math.max(1, length);
}

function segmentsOf(
  text: string,
  start: number,
  end: number,
  marked: readonly Marked[],
  base: Style,
): Segment[] {
  const edges = new Set([start, end]);
  for (const mark of marked)
    for (const edge of [mark.start, mark.end]) if (edge > start && edge < end) edges.add(edge);
  const sorted = [...edges].sort((a, b) => a - b);
  if (sorted.length < 2) return [{ text: "", ...base }];
  return sorted.slice(1).map((edge, index) => {
    const from = sorted[index]!;
    const styles = marked.filter((mark) => mark.start <= from && mark.end >= edge).map(({ style }) => style);
    return { text: text.slice(from, edge), ...base, ...Object.assign({}, ...styles) };
  });
}

/** The text on one line, at most so many cells. */
export function shorten(text: string, cells: number): string {
  const seen = visible(text);
  return cellsOf(seen) <= cells ? seen : `${cut(seen, cells - 1).text}…`;
}
