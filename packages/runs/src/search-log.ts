import { open } from "node:fs/promises";

export interface LogSearch {
  /** Found where it stands whatever its case (of ASCII letters). */
  needle: string;
  /** Where to begin, in bytes. */
  at: number;
  direction: "back" | "forward";
  /** Ends the search; its result is then null. */
  signal?: AbortSignal;
}

const pieceBytes = 1 << 22;

/**
 * The offset of the line that holds the nearest occurrence of a text, or null. Looks piece by piece, so that a viewer stays responsive; about a
 * second a gigabyte. Throws what the system says when the file cannot be read.
 */
export async function searchLog(
  path: string,
  { needle, at, direction, signal }: LogSearch,
): Promise<number | null> {
  const wanted = Buffer.from(needle, "utf8").toString("latin1").toLowerCase();
  if (wanted === "") return null;
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const overlap = wanted.length - 1;
    const buffer = Buffer.allocUnsafe(pieceBytes + overlap);
    let place = Math.min(at, size);
    while (signal?.aborted !== true && (direction === "forward" ? place < size : place > 0)) {
      const start = direction === "forward" ? place : Math.max(0, place - pieceBytes);
      const length = Math.min(
        buffer.length,
        size - start,
        direction === "forward" ? buffer.length : place - start + overlap,
      );
      const { bytesRead } = await file.read(buffer, 0, length, start);
      if (bytesRead === 0) return null;
      const text = buffer.toString("latin1", 0, bytesRead).toLowerCase();
      const found =
        direction === "forward" ? text.indexOf(wanted) : text.lastIndexOf(wanted, place - start - 1);
      if (found >= 0) return await lineStart(start + found);
      place = direction === "forward" ? start + pieceBytes : start;
    }
    return null;
  } finally {
    await file.close();
  }

  /** The beginning of the line that holds a byte. */
  async function lineStart(offset: number): Promise<number> {
    for (let end = offset; end > 0; ) {
      const start = Math.max(0, end - 65536);
      const piece = Buffer.allocUnsafe(end - start);
      await file.read(piece, 0, piece.length, start);
      const newline = piece.lastIndexOf(10);
      if (newline >= 0) return start + newline + 1;
      end = start;
    }
    return 0;
  }
}
