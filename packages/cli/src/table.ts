import { bold, dim, type Output, type Piece } from "./output.ts";
import { oneLine } from "./printable.ts";

/** A column: its title, and whether its cells are numbers, which stand to the right. */
export type Column = { readonly title: string; readonly right?: boolean };

const textOf = (piece: Piece): string => oneLine(typeof piece === "string" ? piece : piece.text);
const width = (text: string): number => [...text].length;

/** Prints rows under titles, columns two spaces apart. */
export function printTable(
  output: Output,
  columns: readonly Column[],
  rows: readonly (readonly Piece[])[],
): void {
  const widths = columns.map(({ title }, at) =>
    Math.max(width(title), ...rows.map((row) => width(textOf(row[at] ?? "")))),
  );
  const pad = (piece: Piece, at: number): Piece[] => {
    const text = textOf(piece);
    const space = " ".repeat(widths[at]! - width(text));
    const styled: Piece = typeof piece === "string" ? text : { ...piece, text };
    const gap = at === 0 ? "" : "  ";
    if (columns[at]!.right === true) return [gap, space, styled];
    return [gap, styled, at === columns.length - 1 ? "" : space];
  };
  output.line(...columns.flatMap(({ title }, at) => pad(bold(title), at)));
  for (const row of rows) output.line(...columns.flatMap((_, at) => pad(row[at] ?? "", at)));
}

/** Lines of names and values, the names in one column. */
export function printFields(output: Output, fields: readonly (readonly [string, Piece])[]): void {
  const most = Math.max(0, ...fields.map(([name]) => width(name)));
  for (const [name, value] of fields) output.line(dim(name.padEnd(most)), "  ", value);
}
