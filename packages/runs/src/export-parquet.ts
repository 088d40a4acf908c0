import { type Cell, type CellKind, type TableRows, tableColumns, tableRows } from "./run-table.ts";
import { wholeFile } from "./whole-file.ts";

/** Rows that are held and written as one group. */
const groupRows = 100_000;

const types = {
  count: { type: "INT64" },
  number: { type: "DOUBLE" },
  time: { type: "INT64", converted_type: "TIMESTAMP_MILLIS" },
  text: { type: "BYTE_ARRAY", converted_type: "UTF8" },
} as const satisfies Record<CellKind, object>;

/**
 * Writes the table that `exportCsv` writes as Parquet (https://parquet.apache.org): counts as INT64, numbers as DOUBLE, `ts` as TIMESTAMP_MILLIS in UTC, null where nothing is known. Holds
 * 100,000 rows at most. The file appears whole or not at all. Returns the number of rows.
 */
export function exportParquet(runDir: string, out: string, rows: TableRows = "steps"): Promise<number> {
  return wholeFile(out, async (temporary) => {
    // seldom needed, and viewers load this package too
    const { ParquetWriter, fileWriter } = await import("hyparquet-writer");
    const columns = tableColumns(rows);
    const writer = new ParquetWriter({
      writer: fileWriter(temporary),
      schema: [
        { name: "root", num_children: columns.length },
        ...columns.map(({ name, kind }) => ({
          name,
          repetition_type: "OPTIONAL" as const,
          ...types[kind],
        })),
      ],
      createdBy: "mede2",
    });
    let held: Cell[][] = [];
    let count = 0;
    const flush = async () => {
      if (held.length === 0) return;
      const columnData = columns.map(({ name, kind }, at) => ({
        name,
        data: held.map((row) => parquetCell(row[at], kind)),
      }));
      await writer.write({ columnData, rowGroupSize: groupRows });
      count += held.length;
      held = [];
    };
    for await (const batch of tableRows(runDir, rows)) {
      for (const row of batch) held.push(row);
      if (held.length >= groupRows) await flush();
    }
    await flush();
    await writer.finish();
    return count;
  });
}

function parquetCell(cell: Cell, kind: CellKind): bigint | number | string | Date | null {
  if (cell === undefined) return null;
  if (kind === "time") return new Date(cell);
  if (kind === "count") return BigInt(Math.round(cell as number));
  return cell;
}
