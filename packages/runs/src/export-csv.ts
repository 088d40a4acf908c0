import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { type Cell, type TableRows, tableColumns, tableRows } from "./run-table.ts";
import { wholeFile } from "./whole-file.ts";

/**
 * Writes a table of a run, or of a log of another program, as CSV (RFC 4180, a title row, empty where nothing is known). Steps of an attempt that a later one did
 * again are there too, told apart by `attempt`. The file appears whole or not at all. Returns the number of rows.
 */
export function exportCsv(runDir: string, out: string, rows: TableRows = "steps"): Promise<number> {
  return wholeFile(out, async (temporary) => {
    const file = createWriteStream(temporary);
    const done = finished(file);
    let count = 0;
    const write = async (cells: readonly Cell[]) => {
      if (!file.write(`${cells.map(csvCell).join(",")}\r\n`)) await Promise.race([drained(file), done]);
    };
    try {
      await write(tableColumns(rows).map(({ name }) => name));
      for await (const batch of tableRows(runDir, rows))
        for (const cells of batch) {
          await write(cells);
          count += 1;
        }
      file.end();
      await done;
      return count;
    } catch (error) {
      file.destroy();
      await done.catch(() => {});
      throw error;
    }
  });
}

const drained = (file: NodeJS.WritableStream) =>
  new Promise<void>((resolve) => file.once("drain", () => resolve()));

/** A spreadsheet takes a text that begins with = + - @ for a formula: such texts get an apostrophe before them. */
function csvCell(cell: Cell): string {
  if (cell === undefined) return "";
  if (typeof cell === "number") return String(cell);
  const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
