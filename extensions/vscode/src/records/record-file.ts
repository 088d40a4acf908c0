import { RecordError } from "@mede2/schemas";
import type { ByteSource } from "../files/byte-source.ts";
import { type LineIndex, lineIndex } from "../files/line-index.ts";
import { longestLine, parseLine, type ShownName, type ShownRecord } from "./parse-line.ts";

/** A line that is a record, or why it is none. */
export type ReadRecord = { readonly ok: ShownRecord; readonly text: string } | { readonly fault: string };

/** A file of records, read a line at a time wherever it lies. */
export interface RecordFile {
  readonly name: string;
  readonly record: ShownName;
  readonly index: Pick<LineIndex, "count" | "scanned" | "done" | "advance">;
  /** Record `at`, from 0; lines of the file count from 1 where they are named. */
  read(at: number): Promise<ReadRecord>;
  /** All records from `from` on that are indexed, piece by piece. */
  scan(from: number, signal: AbortSignal): AsyncGenerator<{ at: number; found: ReadRecord }>;
  close(): Promise<void>;
}

const pieceBytes = 1 << 22;

export function recordFile(source: ByteSource, record: ShownName, name: string): RecordFile {
  const index = lineIndex(source);
  const parse = (text: string, at: number): ReadRecord => {
    try {
      return {
        ok: parseLine(record, text.startsWith("\uFEFF") ? text.slice(1) : text, { file: name, line: at + 1 }),
        text,
      };
    } catch (error) {
      if (error instanceof RecordError) return { fault: error.message };
      throw error;
    }
  };
  const tooLong = (at: number, bytes: number): ReadRecord => ({
    fault: `${name}:${at + 1}: the line has ${Math.round(bytes / 1e6)} MB, and records of more than ${longestLine >> 20} MB are not shown`,
  });
  return {
    ...{ name, record, index },
    async read(at) {
      const { start, end } = index.at(at);
      if (end - start > longestLine) return tooLong(at, end - start);
      return parse(decode(await source.read(start, end - start)), at);
    },
    async *scan(from, signal) {
      for (let at = from; at < index.count && !signal.aborted; ) {
        const begin = index.at(at).start;
        let last = at;
        while (last + 1 < index.count && index.at(last + 1).end - begin <= pieceBytes) last += 1;
        const { end } = index.at(last);
        if (end - begin > longestLine) {
          yield { at, found: tooLong(at, end - begin) };
          at += 1;
          continue;
        }
        const piece = await source.read(begin, end - begin);
        for (; at <= last && !signal.aborted; at++) {
          const line = index.at(at);
          yield { at, found: parse(decode(piece.subarray(line.start - begin, line.end - begin)), at) };
        }
      }
    },
    close: () => source.close(),
  };
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const decode = (bytes: Uint8Array) => decoder.decode(bytes);
