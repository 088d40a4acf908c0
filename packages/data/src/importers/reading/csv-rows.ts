import { pipeline, Readable } from "node:stream";
import { parse } from "csv-parse";
import { ImportError } from "../import-error.ts";
import { brief, type Entry, malformed } from "./entry.ts";
import type { SourceFile } from "./source-file.ts";

/**
 * The rows of a CSV or TSV file (RFC 4180), streamed: objects by the names in the first line, which are trimmed, or arrays with `header:
 * false`. A row with another number of cells is dropped with its line. Throws `IMPORT_FILE_UNREADABLE` when the quotes cannot be followed.
 */
export async function* csvRows(file: SourceFile, header = true): AsyncGenerator<Entry> {
  const delimiter = /\.tsv$/i.test(file.name) ? "\t" : ",";
  const parser = parse({
    bom: true,
    delimiter,
    info: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: 1 << 26,
  });
  const source = Readable.from(await file.stream(), { objectMode: true });
  pipeline(source, parser, () => undefined);
  let names: string[] | undefined;
  let before = 0;
  try {
    for await (const { record, info } of parser as AsyncIterable<{
      record: string[];
      info: { lines: number };
    }>) {
      // A record's line is where it begins: after the line that the one before ended on.
      const place = { file: file.shown, line: before + 1 };
      before = info.lines;
      if (!header) yield { value: record, place };
      else if (names === undefined) names = record.map((name) => name.trim());
      else if (record.length !== names.length)
        yield malformed(
          `expected ${names.length} cells, as in the first line, and found ${record.length}`,
          place,
        );
      else yield { value: Object.fromEntries(names.map((name, at) => [name, record[at]])), place };
    }
  } catch (error) {
    throw new ImportError(
      "IMPORT_FILE_UNREADABLE",
      `this is no CSV that can be followed (${brief(error)}).`,
      { file: file.shown, line: before + 1 },
      error,
    );
  } finally {
    source.destroy();
  }
}
