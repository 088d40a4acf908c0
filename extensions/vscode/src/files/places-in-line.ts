/** A path in a line of a terminal, and the line of the file that is named behind it. */
export interface PlaceInLine {
  readonly start: number;
  readonly length: number;
  readonly path: string;
  readonly line: number | undefined;
}

/** Longer lines of a terminal are no messages of ours. */
const longestLine = 4000;
/** Run folders (`runs/NAME`, up to the name) and files of records (`NAME.pairs.jsonl`, `NAME.eval`), with `:LINE` behind a file. */
const places =
  /(?:[\w.@~+-]|\/)*(?:\bruns\/[\w.-]+|[\w.-]+\.[a-z]+\.jsonl(?::(\d{1,9}))?|[\w-][\w.-]*\.eval\b)/g;

/** The places that a line of a terminal names. */
export function placesInLine(text: string): PlaceInLine[] {
  if (text.length > longestLine) return [];
  return [...text.matchAll(places)].map(({ 0: whole, 1: line, index }) => {
    const path = (line === undefined ? whole : whole.slice(0, -line.length - 1)).replace(/[.,;:]+$/, "");
    return {
      start: index,
      length: line === undefined ? path.length : whole.length,
      path,
      line: line === undefined ? undefined : Number(line),
    };
  });
}
