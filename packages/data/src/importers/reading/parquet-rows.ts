import { type AsyncBuffer, asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { ImportError } from "../import-error.ts";
import { brief, type Entry } from "./entry.ts";
import type { SourceFile } from "./source-file.ts";

/** Rows that are decoded at once: a column of pictures is large. */
const ROWS = 256;

/**
 * The rows of a Parquet file; `line` of a place is the row, from 1. Binary columns are bytes (`utf8: false`: text columns are those that say
 * so), 64-bit integers are numbers. Memory for one row group. Throws `IMPORT_FILE_UNREADABLE`.
 */
export async function* parquetRows(file: SourceFile): AsyncGenerator<Entry> {
  let row = 0;
  const unreadable = (error: unknown) =>
    new ImportError(
      "IMPORT_FILE_UNREADABLE",
      `this Parquet file cannot be read (${brief(error)}); fetch it again.`,
      { file: file.shown, line: row + 1 },
      error,
    );
  try {
    const buffer = await bufferOf(file);
    const metadata = await parquetMetadataAsync(buffer);
    const total = Number(metadata.num_rows);
    for (let rowStart = 0; rowStart < total; rowStart += ROWS) {
      const rows = await parquetReadObjects({
        file: buffer,
        metadata,
        compressors,
        utf8: false,
        rowStart,
        rowEnd: Math.min(total, rowStart + ROWS),
      });
      if (rows.length === 0) throw new Error(`${total} rows are stated, and there are ${rowStart}`);
      for (const value of rows) {
        row += 1;
        yield { value: plain(value), place: { file: file.shown, line: row } };
      }
    }
  } catch (error) {
    if (error instanceof ImportError) throw error;
    throw unreadable(error);
  }
}

async function bufferOf(file: SourceFile): Promise<AsyncBuffer> {
  if (file.path !== undefined) return asyncBufferFromFile(file.path);
  const bytes = await file.bytes();
  const { buffer, byteOffset, byteLength } = bytes;
  return {
    byteLength,
    slice: (from, to) => buffer.slice(byteOffset + from, byteOffset + (to ?? byteLength)) as ArrayBuffer,
  };
}

/** 64-bit integers as numbers where they are exact, dates as ISO text; bytes as they are. */
function plain(value: unknown): unknown {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, plain(item)]));
}
