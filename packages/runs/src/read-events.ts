import { type FileHandle, open } from "node:fs/promises";
import { anyEventSchema, parseJson, parseRecord, RecordError, runEventSchema } from "@mede2/schemas";
import type { FoldableEvent } from "./fold.ts";
import { runPlaces } from "./places.ts";
import { isPlainStep } from "./plain-step.ts";

/** A line that is no event. `offset` is in bytes. */
export interface BadLine {
  offset: number;
  message: string;
}

/** What came since the last read. */
export interface EventBatch {
  events: FoldableEvent[];
  bad: BadLine[];
  /** The file became shorter or another one: forget the state and fold from the start; this batch begins there. */
  reset: boolean;
  /** There is more to read at once. */
  more: boolean;
  /** Bytes of whole lines read so far. */
  offset: number;
}

/** Reads a run's events piece by piece. Only whole lines are handed out; a half-written one is read again when it is whole. */
export interface EventReader {
  read(): Promise<EventBatch>;
}

const pieceBytes = 1 << 18;

/** Buffers of that size that nobody reads from now. New ones for every piece of a long log would be 64 MiB of them before the runtime looks for what it can free. */
const spare: Buffer[] = [];
const mostSpare = 2;

function giveBack(buffer: Buffer): void {
  if (buffer.length === pieceBytes && spare.length < mostSpare) spare.push(buffer);
}

/** A reader from the start of the run's `events.jsonl`, which need not be there yet, or from the line that begins at byte `from`. It never throws on a bad line. */
export function eventReader(runDir: string, from = 0): EventReader {
  const path = runPlaces.events(runDir);
  let offset = from;
  let identity: string | undefined;
  return {
    async read() {
      let file: FileHandle;
      try {
        file = await open(path, "r");
      } catch (error) {
        if ((error as { code?: string }).code !== "ENOENT") throw error;
        const reset = offset > 0;
        offset = 0;
        identity = undefined;
        return { events: [], bad: [], reset, more: false, offset };
      }
      try {
        const { size, ino, dev } = await file.stat();
        const now = `${dev}:${ino}`;
        const reset = size < offset || (identity !== undefined && identity !== now);
        if (reset) offset = 0;
        identity = now;
        const { piece, buffer } = await readPiece(file, offset, size);
        const { events, bad } = parseLines(piece, offset, path);
        giveBack(buffer);
        offset += piece.length;
        return { events, bad, reset, more: piece.length > 0 && offset < size, offset };
      } finally {
        await file.close();
      }
    },
  };
}

/** Whole lines from `offset`, about 256 KiB, or more where one line is longer; and the buffer that they lie in. */
async function readPiece(
  file: FileHandle,
  offset: number,
  size: number,
): Promise<{ piece: Buffer; buffer: Buffer }> {
  for (let limit = pieceBytes; ; limit *= 2) {
    const length = Math.min(limit, size - offset);
    if (length <= 0) return { piece: Buffer.alloc(0), buffer: Buffer.alloc(0) };
    const buffer =
      length === pieceBytes ? (spare.pop() ?? Buffer.allocUnsafe(length)) : Buffer.allocUnsafe(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await file.read(buffer, filled, length - filled, offset + filled);
      if (bytesRead === 0) break; // cut off while we read
      filled += bytesRead;
    }
    const end = buffer.subarray(0, filled).lastIndexOf(10) + 1;
    if (end > 0 || filled < limit) return { piece: buffer.subarray(0, end), buffer };
    giveBack(buffer);
  }
}

export function parseLines(
  piece: Buffer,
  offset: number,
  path: string,
): { events: FoldableEvent[]; bad: BadLine[] } {
  const events: FoldableEvent[] = [];
  const bad: BadLine[] = [];
  let start = 0;
  for (let end = piece.indexOf(10); end >= 0; end = piece.indexOf(10, start)) {
    const text = piece.toString("utf8", start, end);
    if (text.trim() !== "") {
      try {
        events.push(parseEvent(text, path));
      } catch (error) {
        if (!(error instanceof RecordError)) throw error;
        bad.push({ offset: offset + start, message: error.message });
      }
    }
    start = end + 1;
  }
  return { events, bad };
}

const knownTypes: ReadonlySet<unknown> = new Set(
  runEventSchema.options.map((option) => option.shape.type.value),
);

/** An event; one of a type that this version does not know is taken as it is. Throws a RecordError. */
export function parseEvent(text: string, path: string): FoldableEvent {
  const value = parseJson(text, { file: path });
  if (isPlainStep(value)) return value;
  const known = knownTypes.has((value as { type?: unknown } | null)?.type);
  return parseRecord(known ? runEventSchema : anyEventSchema, value, { file: path });
}
