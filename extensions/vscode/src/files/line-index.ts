import type { ByteSource } from "./byte-source.ts";

/** Where the lines of a file begin, in bytes. Grows while the file is scanned, or written by somebody else. */
export interface LineIndex {
  /** Lines that are known; the last one of a file need not end in a newline. */
  readonly count: number;
  readonly scanned: number;
  readonly done: boolean;
  /** Begin and end (without the newline) of line `index`, from 0. */
  at(index: number): { readonly start: number; readonly end: number };
  /** Which line a byte lies in. */
  lineOf(offset: number): number;
  /** Looks on, for about `bytes` more bytes; true when something new was found. A file that became shorter begins anew. */
  advance(bytes: number): Promise<boolean>;
}

const NEWLINE = 10;
const pieceBytes = 1 << 20;

/** Indexes a source. Memory: eight bytes a line. Empty lines are no lines. */
export function lineIndex(source: ByteSource): LineIndex {
  let starts = new Float64Array(1024);
  let ends = new Float64Array(1024);
  let count = 0;
  let begin = 0;
  let scanned = 0;
  let size = -1;
  let open = false;
  let turn: Promise<unknown> = Promise.resolve();

  const push = (start: number, end: number) => {
    if (end <= start) return;
    if (count === starts.length) {
      starts = grown(starts);
      ends = grown(ends);
    }
    starts[count] = start;
    ends[count] = end;
    count += 1;
  };
  const reset = () => {
    [count, begin, scanned, open] = [0, 0, 0, false];
  };

  async function advance(bytes: number): Promise<boolean> {
    size = await source.size();
    const before = count;
    if (size < scanned) reset();
    if (scanned >= size) return count !== before;
    if (open) count -= 1; // the last line was not at its end yet
    open = false;
    const until = Math.min(size, scanned + bytes);
    while (scanned < until) {
      const piece = await source.read(scanned, Math.min(pieceBytes, until - scanned));
      if (piece.length === 0) break;
      for (let at = piece.indexOf(NEWLINE); at >= 0; at = piece.indexOf(NEWLINE, at + 1)) {
        push(begin, scanned + at);
        begin = scanned + at + 1;
      }
      scanned += piece.length;
    }
    if (scanned >= size && begin < size) {
      push(begin, size);
      open = true;
    }
    return true;
  }

  return {
    get count() {
      return count;
    },
    get scanned() {
      return scanned;
    },
    get done() {
      return size >= 0 && scanned >= size;
    },
    at(index) {
      if (!(index >= 0 && index < count)) throw new RangeError(`there is no line ${index} among ${count}`);
      return { start: starts[index]!, end: ends[index]! };
    },
    lineOf(offset) {
      let [low, high] = [0, count - 1];
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (starts[middle]! <= offset) low = middle;
        else high = middle - 1;
      }
      return Math.max(0, low);
    },
    advance(bytes) {
      // one after another: two at once would take the same bytes twice
      const mine = turn.then(() => advance(bytes));
      turn = mine.catch(() => undefined);
      return mine;
    },
  };
}

function grown(column: Float64Array): Float64Array<ArrayBuffer> {
  const wider = new Float64Array(column.length * 2);
  wider.set(column);
  return wider;
}
