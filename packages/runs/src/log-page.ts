import { type FileHandle, open } from "node:fs/promises";

/** A line of a log and where it lies, in bytes; `end` is behind its newline. */
export interface LogLine {
  offset: number;
  end: number;
  text: string;
}

export interface PageRequest {
  /** A line begins here (0, the end of the file, or an `offset` or `end` of a line). */
  at: number;
  /** Lines before or behind that place. */
  direction: "back" | "forward";
  count: number;
  /** Which lines are wanted. Default: all. */
  keep?: (text: string) => boolean;
  /** At most so many bytes are looked at in one call. Default: 8 MiB. */
  mostBytes?: number;
}

/** Lines in the order of the file. `reached` is where the next page in that direction begins; `end`: there is nothing more there. */
export interface LogPage {
  lines: LogLine[];
  reached: number;
  end: boolean;
}

const pieceBytes = 1 << 17;
/** Paging ends at a line that is longer: no log has such lines. */
const longestLine = 1 << 26;

/** A page of a log by byte offset, in constant time and memory wherever it lies. Only whole lines; a file that is not there has none. */
export async function readLogPage(path: string, request: PageRequest): Promise<LogPage> {
  let file: FileHandle;
  try {
    file = await open(path, "r");
  } catch (error) {
    if ((error as { code?: string }).code !== "ENOENT") throw error;
    return { lines: [], reached: 0, end: true };
  }
  try {
    const { size } = await file.stat();
    const at = Math.min(request.at, size);
    return request.direction === "back"
      ? await pageBack(file, { ...request, at })
      : await pageForward(file, { ...request, at }, size);
  } finally {
    await file.close();
  }
}

async function pageForward(file: FileHandle, request: PageRequest, size: number): Promise<LogPage> {
  const { at, count, keep, mostBytes = 1 << 23 } = request;
  const lines: LogLine[] = [];
  let reached = at;
  let length = pieceBytes;
  let half = false;
  while (reached < size && lines.length < count && reached - at < mostBytes) {
    const piece = await readAt(file, reached, Math.min(length, size - reached));
    const stop = piece.lastIndexOf(10) + 1;
    if (stop === 0) {
      half = reached + piece.length >= size || length >= longestLine;
      if (half) break;
      length *= 2;
      continue;
    }
    let start = 0;
    while (start < stop && lines.length < count) {
      const end = piece.indexOf(10, start) + 1;
      const text = piece.toString("utf8", start, end - 1);
      if (keep === undefined || keep(text)) lines.push({ offset: reached + start, end: reached + end, text });
      start = end;
    }
    reached += start;
  }
  return { lines, reached, end: half || reached >= size };
}

async function pageBack(file: FileHandle, request: PageRequest): Promise<LogPage> {
  const { at, count, keep, mostBytes = 1 << 23 } = request;
  const lines: LogLine[] = [];
  let reached = at;
  let length = pieceBytes;
  while (reached > 0 && lines.length < count && at - reached < mostBytes) {
    const from = Math.max(0, reached - length);
    const piece = await readAt(file, from, reached - from);
    // what stands before the first newline belongs to a line that began earlier
    const begin = from === 0 ? 0 : piece.indexOf(10) + 1;
    const last = piece.at(-1) === 10 ? piece.length : piece.lastIndexOf(10) + 1;
    if (last <= begin) {
      if (from === 0 || length >= longestLine) {
        reached = 0;
        break;
      }
      length *= 2;
      continue;
    }
    let end = last;
    while (end > begin && lines.length < count) {
      const start = end < 2 ? 0 : piece.lastIndexOf(10, end - 2) + 1;
      const text = piece.toString("utf8", start, end - 1);
      if (keep === undefined || keep(text)) lines.push({ offset: from + start, end: from + end, text });
      end = start;
    }
    reached = from + end;
  }
  return { lines: lines.reverse(), reached, end: reached === 0 };
}

async function readAt(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
