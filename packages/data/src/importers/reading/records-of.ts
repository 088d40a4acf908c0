import { csvRows } from "./csv-rows.ts";
import type { Entry } from "./entry.ts";
import { jsonElements, jsonLines, linesOf } from "./json-values.ts";
import { parquetRows } from "./parquet-rows.ts";
import type { SourceFile } from "./source-file.ts";

export interface RecordOptions {
  /** A JSON file is an object of records by name, not a list. */
  keyed?: boolean;
  /** A CSV file's first line is a record. */
  headless?: boolean;
}

/** The records of a file by its ending: Parquet, CSV, TSV, JSONL, JSON. A `.json` whose first line is a whole object is JSONL. */
export async function* recordsOf(file: SourceFile, options: RecordOptions = {}): AsyncGenerator<Entry> {
  if (/\.parquet$/i.test(file.name)) yield* parquetRows(file);
  else if (/\.(csv|tsv)$/i.test(file.name)) yield* csvRows(file, options.headless !== true);
  else if (options.keyed !== true && (/\.(jsonl|ndjson)$/i.test(file.name) || (await isLines(file))))
    yield* jsonLines(file);
  else yield* jsonElements(file, options.keyed === true);
}

async function isLines(file: SourceFile): Promise<boolean> {
  for await (const text of linesOf(file)) {
    if (text.trim() === "") continue;
    if (!text.trimStart().startsWith("{")) return false;
    try {
      return JSON.parse(text) !== null;
    } catch {
      return false;
    }
  }
  return false;
}
