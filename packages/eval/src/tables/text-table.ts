export interface Column<Row> {
  title: string;
  cell: (row: Row) => string;
  /** Numbers stand right. */
  align?: "left" | "right";
}

export type TableFormat = "terminal" | "markdown";

/** A table of plain text: aligned for the terminal, or in Markdown (aligned too). Ends without a newline. */
export function textTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  format: TableFormat = "terminal",
): string {
  const markdown = format === "markdown";
  const cells = rows.map((row) => columns.map(({ cell }) => clean(cell(row), markdown)));
  const widths = columns.map(({ title }, at) =>
    Math.max(markdown ? 3 : 0, width(title), ...cells.map((line) => width(line[at]!))),
  );
  const pad = (text: string, at: number) => {
    const space = " ".repeat(widths[at]! - width(text));
    return columns[at]!.align === "right" ? space + text : text + space;
  };
  const line = (texts: readonly string[]) => {
    const padded = texts.map(pad);
    return markdown ? `| ${padded.join(" | ")} |` : padded.join("  ").trimEnd();
  };
  const rule = columns.map(({ align }, at) => {
    const dashes = "-".repeat(widths[at]!);
    return markdown && align === "right" ? `${dashes.slice(1)}:` : dashes;
  });
  return [
    line(columns.map(({ title }) => title)),
    markdown ? `| ${rule.join(" | ")} |` : rule.map((dashes) => dashes.replaceAll("-", "─")).join("  "),
    ...cells.map(line),
  ].join("\n");
}

/** One line, without control characters; in Markdown nothing that would be read as markup of the table. */
function clean(text: string, markdown: boolean): string {
  const plain = text.replace(/[\p{Cc}\p{Cf}]+/gu, " ");
  // a bracket before a parenthesis would be a link
  return markdown ? plain.replace(/[\\|<>]|(?<=\])\(/g, (unit) => `\\${unit}`) : plain;
}

/** Columns of a terminal that a text takes: wide East Asian characters take two, combining marks none. */
function width(text: string): number {
  let columns = 0;
  for (const point of text.normalize("NFC")) {
    if (/\p{M}/u.test(point)) continue;
    columns +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u.test(
        point,
      )
        ? 2
        : 1;
  }
  return columns;
}
