import { readFile } from "node:fs/promises";
import type { z } from "zod";
import type { Known } from "./known.ts";
import { problemSentence, problemsOf, RecordError } from "./record-error.ts";

/** Checks a value against a schema and returns it with the schema's type; unknown keys stay. `place` names it in the RecordError. */
export function parseRecord<S extends z.ZodType>(
  schema: S,
  value: unknown,
  place: { file: string; line?: number },
): Known<z.infer<S>> {
  const result = schema.safeParse(value);
  if (result.success) return result.data as Known<z.infer<S>>;
  const problems = problemsOf(result.error, value);
  throw new RecordError(
    "invalid",
    { file: place.file, line: place.line ?? 0, field: problems[0]?.field ?? "" },
    problemSentence(problems),
    result.error,
  );
}

/** Parses JSON. Throws a RecordError "not-json". */
export function parseJson(text: string, place: { file: string; line?: number }): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new RecordError(
      "not-json",
      { file: place.file, line: place.line ?? 0, field: "" },
      `expected one JSON object, but ${detail}`,
      error,
    );
  }
}

/** Parses one JSON text into a record. */
export function parseRecordText<S extends z.ZodType>(
  schema: S,
  text: string,
  place: { file: string; line?: number },
): Known<z.infer<S>> {
  return parseRecord(schema, parseJson(text, place), place);
}

/** Reads a file that holds one record, such as `run.json` or a `*.plan.json`. Throws a RecordError. */
export async function readRecord<S extends z.ZodType>(path: string, schema: S): Promise<Known<z.infer<S>>> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    throw unreadable(path, error);
  }
  return parseRecordText(schema, text.startsWith("\uFEFF") ? text.slice(1) : text, { file: path });
}

/** The RecordError for a file that the system would not read. */
export function unreadable(file: string, error: unknown): RecordError {
  const missing = (error as { code?: string }).code === "ENOENT";
  const reason = missing
    ? "there is no such file"
    : `the file cannot be read (${error instanceof Error ? error.message : String(error)})`;
  return new RecordError("unreadable", { file, line: 0, field: "" }, reason, error);
}
