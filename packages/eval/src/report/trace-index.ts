import { type FileHandle, open } from "node:fs/promises";
import { parseRecordText, readLines, type Trace, traceSchema } from "@mede2/schemas";

/** The traces of a file by their id; the texts stay in the file, which is only read. */
export interface TraceIndex {
  get(traceId: string): Promise<Trace | undefined>;
  close(): Promise<void>;
}

/** Opens a file of traces. A last line that a crash cut off is passed over; a bad line within is an error. */
export async function openTraceIndex(path: string): Promise<TraceIndex> {
  const places = new Map<string, { offset: number; length: number; line: number }>();
  let broken: unknown;
  for await (const { text, line, offset, length } of readLines(path)) {
    if (broken !== undefined) throw broken;
    if (text.trim() === "") continue;
    try {
      const { id } = parseRecordText(traceSchema, text, { file: path, line });
      places.set(id, { offset, length, line });
    } catch (error) {
      broken = error; // thrown when another line follows
    }
  }
  const handle: FileHandle = await open(path, "r");
  return {
    async get(traceId) {
      const place = places.get(traceId);
      if (place === undefined) return undefined;
      const bytes = Buffer.alloc(place.length);
      await handle.read(bytes, 0, place.length, place.offset);
      return parseRecordText(traceSchema, bytes.toString("utf8"), { file: path, line: place.line }) as Trace;
    },
    close: () => handle.close(),
  };
}
