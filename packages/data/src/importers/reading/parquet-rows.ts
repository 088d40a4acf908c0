import {
  type AsyncBuffer,
  asyncBufferFromFile,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
} from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { ImportError } from "../import-error.ts";
import { brief, type Entry } from "./entry.ts";
import type { SourceFile } from "./source-file.ts";

/**
 * Bytes, before compression, that are decoded at once. A row group is read whole if it has fewer, because a part of one costs as much to decode; a
 * group of pictures may be larger and is read in as few parts as that.
 */
const MOST_AT_ONCE = 1 << 28;

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
    for (const [rowStart, rowEnd] of stretches(metadata)) {
      const rows = await parquetReadObjects({
        file: buffer,
        metadata,
        compressors,
        utf8: false,
        rowStart,
        rowEnd,
      });
      if (rows.length !== rowEnd - rowStart)
        throw new Error(`rows ${rowStart + 1} to ${rowEnd} are stated, and ${rows.length} are there`);
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

/** From which to before which row is read at once. */
function stretches({ row_groups: groups }: FileMetaData): [from: number, to: number][] {
  const found: [number, number][] = [];
  let from = 0;
  for (const { num_rows, total_byte_size } of groups) {
    const rows = Number(num_rows);
    if (!Number.isSafeInteger(rows) || rows < 0) throw new Error("a row group does not state its rows");
    const parts = Math.min(rows, Math.max(1, Math.ceil(Number(total_byte_size) / MOST_AT_ONCE)));
    for (let part = 0; part < parts; part++)
      found.push([from + Math.floor((part * rows) / parts), from + Math.floor(((part + 1) * rows) / parts)]);
    from += rows;
  }
  return found;
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
