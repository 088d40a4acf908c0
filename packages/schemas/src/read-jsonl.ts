import { createReadStream } from "node:fs";
import type { z } from "zod";
import type { Known } from "./known.ts";
import { parseRecordText, unreadable } from "./parse-record.ts";
import { RecordError } from "./record-error.ts";

/** A line of a file: its text without the newline, its number from 1, and where it lies in bytes. */
export interface Line {
  text: string;
  line: number;
  offset: number;
  length: number;
}

/**
 * The lines of a UTF-8 file, one at a time, with memory for one chunk and one line. Only `\n` ends a line, as JSONL says (node:readline
 * would also break at U+2028, which may stand inside a JSON string); a `\r` before it and a byte order mark are dropped.
 */
export async function* readLines(path: string): AsyncGenerator<Line> {
  let pending: Buffer[] = [];
  let offset = 0;
  let line = 0;
  const take = (last: Buffer, length: number): Line => {
    const bytes = pending.length === 0 ? last : Buffer.concat([...pending, last]);
    pending = [];
    line += 1;
    let text = bytes.toString("utf8");
    if (line === 1 && text.startsWith("\uFEFF")) text = text.slice(1);
    if (text.endsWith("\r")) text = text.slice(0, -1);
    const result = { text, line, offset, length: bytes.length };
    offset += bytes.length + length;
    return result;
  };
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 }) as AsyncIterable<Buffer>) {
      let start = 0;
      for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
        yield take(chunk.subarray(start, end), 1);
        start = end + 1;
      }
      if (start < chunk.length) pending.push(chunk.subarray(start));
    }
  } catch (error) {
    if (typeof (error as { errno?: unknown }).errno === "number") throw unreadable(path, error);
    throw error;
  }
  if (pending.length > 0) yield take(Buffer.alloc(0), 0);
}

/** A record that was read, or the error that says why it could not be. */
export type RecordResult<T> =
  | { ok: T; line: number; offset: number; length: number }
  | { error: RecordError; line: number };

/** The records of a JSONL file, streamed. Throws a RecordError at the first bad line. Empty lines are skipped. */
export async function* readJsonl<S extends z.ZodType>(
  path: string,
  schema: S,
): AsyncGenerator<Known<z.infer<S>>> {
  for await (const { text, line } of readLines(path)) {
    if (text.trim() !== "") yield parseRecordText(schema, text, { file: path, line });
  }
}

/** All records of a JSONL file that is known to be small. Throws as `readJsonl`. */
export async function readAllJsonl<S extends z.ZodType>(
  path: string,
  schema: S,
): Promise<Known<z.infer<S>>[]> {
  const records: Known<z.infer<S>>[] = [];
  for await (const record of readJsonl(path, schema)) records.push(record);
  return records;
}

/** As `readJsonl`, but a bad line is yielded as an error and reading goes on. A file that cannot be read is still thrown. */
export async function* readJsonlLenient<S extends z.ZodType>(
  path: string,
  schema: S,
): AsyncGenerator<RecordResult<Known<z.infer<S>>>> {
  for await (const { text, line, offset, length } of readLines(path)) {
    if (text.trim() === "") continue;
    let result: RecordResult<Known<z.infer<S>>>;
    try {
      result = { ok: parseRecordText(schema, text, { file: path, line }), line, offset, length };
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
      result = { error, line };
    }
    yield result;
  }
}
