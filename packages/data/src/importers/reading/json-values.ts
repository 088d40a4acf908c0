import { ImportError } from "../import-error.ts";
import { brief, type Entry, malformed } from "./entry.ts";
import type { SourceFile } from "./source-file.ts";

/** A record is never larger. */
const MOST_RECORD = 1 << 26;

const [QUOTE, BACKSLASH, COMMA, NEWLINE] = [0x22, 0x5c, 0x2c, 0x0a];
const isSpace = (byte: number) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
const opens = (byte: number) => byte === 0x7b || byte === 0x5b;
const closes = (byte: number) => byte === 0x7d || byte === 0x5d;

/**
 * The elements of a JSON array, or with `keyed` the members of a JSON object, streamed: memory for one of them. A line that is no JSON is
 * dropped with its place. Throws `IMPORT_FILE_UNREADABLE` when the file is neither or is cut off.
 */
export async function* jsonElements(file: SourceFile, keyed: boolean): AsyncGenerator<Entry> {
  const wanted = keyed ? 0x7b : 0x5b;
  let [depth, line, start, size] = [0, 1, 1, 0];
  let [inString, escaped, ended] = [false, false, false];
  let parts: Uint8Array[] = [];
  const unreadable = (detail: string) =>
    new ImportError("IMPORT_FILE_UNREADABLE", `${detail}; fetch the file again.`, { file: file.shown, line });
  const take = (last: Uint8Array): Entry | undefined => {
    const text = Buffer.concat([...parts, last])
      .toString("utf8")
      .trim();
    parts = [];
    size = 0;
    return text === "" ? undefined : parsed(text, keyed, { file: file.shown, line: start });
  };
  for await (const chunk of await file.stream()) {
    let from = depth === 0 ? -1 : 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (byte === NEWLINE) line += 1;
      if (inString) {
        if (escaped) escaped = false;
        else if (byte === BACKSLASH) escaped = true;
        else if (byte === QUOTE) inString = false;
        continue;
      }
      if (isSpace(byte)) continue;
      if (depth === 0) {
        if (byte === 0xef || byte === 0xbb || byte === 0xbf) continue; // a byte order mark
        if (ended || byte !== wanted)
          throw unreadable(
            ended ? "there is more after the end" : `expected ${keyed ? "an object" : "an array"} of records`,
          );
        depth = 1;
        from = at + 1;
        start = -1;
        continue;
      }
      if (byte === QUOTE) inString = true;
      else if (opens(byte)) depth += 1;
      if (depth === 1 && (byte === COMMA || closes(byte))) {
        const entry = take(chunk.subarray(from, at));
        if (entry !== undefined) yield entry;
        from = at + 1;
        if (closes(byte)) {
          depth = 0;
          ended = true;
          from = -1;
        }
        start = -1;
      } else if (closes(byte)) depth -= 1;
      if (start < 0 && depth > 0 && byte !== COMMA) start = line;
    }
    if (from < 0 || from >= chunk.length) continue;
    parts.push(Uint8Array.from(chunk.subarray(from)));
    size += chunk.length - from;
    if (size > MOST_RECORD) throw unreadable(`a record is larger than ${MOST_RECORD} bytes`);
  }
  if (!ended) throw unreadable(depth === 0 ? "the file is empty" : "the file ends within its records");
}

function parsed(text: string, keyed: boolean, place: { file: string; line: number }): Entry {
  try {
    if (!keyed) return { value: JSON.parse(text) as unknown, place };
    const [member] = Object.entries(JSON.parse(`{${text}}`) as Record<string, unknown>);
    if (member === undefined) return malformed("expected a name and a value", place);
    return { key: member[0], value: member[1], place };
  } catch (error) {
    return malformed(`expected JSON (${brief(error)})`, place);
  }
}

/** The lines of a JSONL file, streamed, with memory for one line. Empty lines are skipped. */
export async function* jsonLines(file: SourceFile): AsyncGenerator<Entry> {
  let line = 0;
  for await (const text of linesOf(file)) {
    line += 1;
    const place = { file: file.shown, line };
    if (text.trim() === "") continue;
    try {
      yield { value: JSON.parse(text) as unknown, place };
    } catch (error) {
      yield malformed(`expected one JSON object (${brief(error)})`, place);
    }
  }
}

/** Lines without their ends; a byte order mark is dropped. Throws `IMPORT_FILE_UNREADABLE` for a line that no record has. */
export async function* linesOf(file: SourceFile): AsyncGenerator<string> {
  let parts: Uint8Array[] = [];
  let [size, line] = [0, 0];
  const take = (last: Uint8Array): string => {
    const text = Buffer.concat([...parts, last]).toString("utf8");
    parts = [];
    size = 0;
    line += 1;
    return (line === 1 ? text.replace(/^\uFEFF/, "") : text).replace(/\r$/, "");
  };
  for await (const chunk of await file.stream()) {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      yield take(chunk.subarray(from, end));
      from = end + 1;
    }
    if (from === chunk.length) continue;
    parts.push(Uint8Array.from(chunk.subarray(from)));
    size += chunk.length - from;
    if (size > MOST_RECORD)
      throw new ImportError(
        "IMPORT_FILE_UNREADABLE",
        `a line is longer than ${MOST_RECORD} bytes; this is no file of lines.`,
        { file: file.shown, line: line + 1 },
      );
  }
  if (size > 0) yield take(new Uint8Array());
}
