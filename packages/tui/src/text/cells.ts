import stringWidth from "string-width";

/** Every character of these takes one cell: ASCII, Latin, box drawing, blocks, braille, arrows and the like. */
const narrow =
  /^[\u0020-\u007e\u00a0-\u00ac\u00ae-\u02ff\u2010-\u2027\u2030-\u205e\u2190-\u21ff\u2200-\u22ff\u2400-\u2426\u2500-\u259f\u25a0-\u25fc\u2800-\u28ff]*$/;
const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Cells that a text takes. The text has passed `visible`. */
export const cellsOf = (text: string): number => (narrow.test(text) ? text.length : stringWidth(text));

/** The beginning of a text that fits into `cells`, and how many it takes. */
export function cut(text: string, cells: number): { text: string; cells: number } {
  if (narrow.test(text)) return { text: text.slice(0, cells), cells: Math.min(text.length, cells) };
  let [taken, used] = ["", 0];
  for (const { segment } of segmenter.segment(text)) {
    const width = stringWidth(segment);
    if (used + width > cells) break;
    taken += segment;
    used += width;
  }
  return { text: taken, cells: used };
}

/** The end of a path in at most so many cells: what tells it from others stands there. */
export function pathEnd(path: string, cells: number): string {
  if (cellsOf(path) <= cells) return path;
  const parts = path.split("/");
  let end = parts.pop()!;
  while (parts.length > 0 && cellsOf(`…/${parts.at(-1)}/${end}`) <= cells) end = `${parts.pop()}/${end}`;
  return fit(`…/${end}`, cells).trimEnd();
}

/** The text in exactly so many cells: cut with an ellipsis, or filled with spaces. */
export function fit(text: string, cells: number, side: "left" | "right" = "left"): string {
  if (cells <= 0) return "";
  const width = cellsOf(text);
  if (width > cells) {
    const begin = cut(text, cells - 1);
    return `${begin.text}…${" ".repeat(cells - 1 - begin.cells)}`;
  }
  const space = " ".repeat(cells - width);
  return side === "left" ? text + space : space + text;
}
