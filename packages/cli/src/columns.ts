import type { Output, Piece } from "./output.ts";
import { printable } from "./printable.ts";

/** Text in lines of at most `width` characters, broken at spaces, and where a word is longer, in the word. Its own line breaks stay. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split("\n")) {
    let line = "";
    for (const word of paragraph.split(/\s+/).filter((each) => each !== "")) {
      let rest = [...word];
      if (line !== "" && [...line].length + 1 + rest.length > width) {
        lines.push(line);
        line = "";
      }
      while (rest.length > width) {
        lines.push(rest.slice(0, width).join(""));
        rest = rest.slice(width);
      }
      line = line === "" ? rest.join("") : `${line} ${rest.join("")}`;
    }
    if (line !== "") lines.push(line);
  }
  return lines;
}

const leastWidth = 28;
const gap = 3;

/** Texts under titles, side by side; one below the other where there is no room. */
export function printColumns(
  output: Output,
  cells: readonly { readonly title: Piece; readonly text: string }[],
  width: number,
): void {
  const each = Math.floor((width - gap * (cells.length - 1)) / cells.length);
  if (each < leastWidth) {
    for (const { title, text } of cells) {
      output.line(title);
      for (const line of wrapped(printable(text), width - 2)) output.line(`  ${line}`);
    }
    return;
  }
  const texts = cells.map(({ text }) => wrapped(printable(text), each));
  const padding = (length: number, at: number): string =>
    at === cells.length - 1 ? "" : " ".repeat(Math.max(0, each - length) + gap);
  output.line(
    ...cells.flatMap(({ title }, at) => [
      title,
      padding([...(typeof title === "string" ? title : title.text)].length, at),
    ]),
  );
  for (let row = 0; row < Math.max(...texts.map((lines) => lines.length)); row++)
    output.line(
      texts
        .map((lines, at) => `${lines[row] ?? ""}${padding([...(lines[row] ?? "")].length, at)}`)
        .join("")
        .trimEnd(),
    );
}
