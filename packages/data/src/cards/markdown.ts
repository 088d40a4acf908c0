/** Pieces of a card in Markdown. What stands in a cell comes from data and cannot break the table. */

/** "1,234". */
export const grouped = (value: number): string => value.toLocaleString("en-GB");

/** "reason 12, other 3"; "none" when there are none. */
export function reasonsText(dropped: Readonly<Record<string, number>>): string {
  const rows = Object.entries(dropped);
  return rows.length === 0 ? "none" : rows.map(([reason, count]) => `${reason} ${grouped(count)}`).join(", ");
}

export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("\\", "\\\\").replaceAll("|", "\\|").replace(/\s+/g, " ")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)];
}
