import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import type { z } from "zod";
import { replaceFile } from "./atomic-file.ts";
import { problemSentence, problemsOf, RecordError } from "./record-error.ts";

/** What was written: number of records, bytes, and the sha256 of the file, as a plan's `data` wants it. */
export interface WrittenJsonl {
  count: number;
  bytes: number;
  sha256: string;
}

const flushBytes = 1 << 18;

/**
 * Writes records to a JSONL file, all or nothing: a temporary file, flushed and renamed. Memory stays flat in the number of records.
 * With a `schema` each record is checked first. Throws a RecordError for a record that does not fit or holds a number that is not finite.
 */
export async function writeJsonlAtomic(
  path: string,
  records: Iterable<object> | AsyncIterable<object>,
  options: { schema?: z.ZodType } = {},
): Promise<WrittenJsonl> {
  return replaceFile(path, async (file) => {
    const hash = createHash("sha256");
    let count = 0;
    let bytes = 0;
    let pending = "";
    const flush = async () => {
      const chunk = Buffer.from(pending, "utf8");
      pending = "";
      hash.update(chunk);
      bytes += chunk.length;
      await writeAll(file, chunk);
    };
    for await (const record of records) {
      count += 1;
      pending += recordLine(record, { file: path, line: count, ...options });
      if (pending.length >= flushBytes) await flush();
    }
    await flush();
    return { count, bytes, sha256: hash.digest("hex") };
  });
}

/** Appends records to a JSONL file in one write, after a half-written last line (of a process that was killed) was taken away. */
export async function appendJsonl(
  path: string,
  records: Iterable<object>,
  options: { schema?: z.ZodType } = {},
): Promise<void> {
  let text = "";
  let line = 0;
  for (const record of records) {
    line += 1;
    text += recordLine(record, { file: path, line, ...options });
  }
  if (text === "") return;
  await repairJsonlTail(path);
  const file = await open(path, "a");
  try {
    await writeAll(file, Buffer.from(text, "utf8"));
  } finally {
    await file.close();
  }
}

/**
 * Makes a JSONL file end with a whole line: a last line without `\n` gets it when it is whole JSON, and is cut off when it is a part of one.
 * Returns the number of bytes that were cut off. A missing file is left missing. Call it only as the file's single writer.
 */
export async function repairJsonlTail(path: string): Promise<number> {
  let file: FileHandle;
  try {
    file = await open(path, "r+");
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return 0;
    throw error;
  }
  try {
    const { size } = await file.stat();
    const tail = await lastLine(file, size);
    if (tail.length === 0) return 0;
    if (isJson(tail)) {
      await file.write(Buffer.from("\n"), 0, 1, size);
      return 0;
    }
    await file.truncate(size - tail.length);
    return tail.length;
  } finally {
    await file.close();
  }
}

/** A record as one line with its newline. */
export function recordLine(
  record: object,
  place: { file: string; line: number; schema?: z.ZodType },
): string {
  if (place.schema !== undefined) {
    const result = place.schema.safeParse(record);
    if (!result.success) {
      const problems = problemsOf(result.error, record);
      throw new RecordError(
        "invalid",
        { ...place, field: problems[0]?.field ?? "" },
        problemSentence(problems),
        result.error,
      );
    }
  }
  const text = JSON.stringify(record);
  // JSON.stringify writes null for NaN and infinities; only a text with null in it can hide one
  const field = text.includes("null") ? nonFiniteField(record, "") : undefined;
  if (field !== undefined)
    throw new RecordError(
      "not-finite",
      { ...place, field },
      `${field}: the number is not finite; leave it out with withoutNonFinite`,
    );
  return `${text}\n`;
}

function nonFiniteField(value: unknown, path: string): string | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? undefined : path;
  if (typeof value !== "object" || value === null) return undefined;
  for (const [key, item] of Object.entries(value)) {
    const found = nonFiniteField(item, path === "" ? key : `${path}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The bytes after the last newline, read backwards from the end. */
async function lastLine(file: FileHandle, size: number): Promise<Buffer> {
  let tail = Buffer.alloc(0);
  let position = size;
  while (position > 0) {
    const length = Math.min(1 << 16, position);
    const chunk = Buffer.alloc(length);
    await file.read(chunk, 0, length, position - length);
    const newline = chunk.lastIndexOf(10);
    tail = Buffer.concat([chunk.subarray(newline + 1), tail]);
    if (newline >= 0) return tail;
    position -= length;
  }
  return tail;
}

function isJson(bytes: Buffer): boolean {
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8"));
    return typeof value === "object" && value !== null;
  } catch {
    return false;
  }
}

async function writeAll(file: FileHandle, bytes: Buffer): Promise<void> {
  let done = 0;
  while (done < bytes.length) done += (await file.write(bytes, done, bytes.length - done)).bytesWritten;
}
