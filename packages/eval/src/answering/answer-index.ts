/** Where an answer lies in its file, and what tells whether it still counts. */
export interface AnswerPlace {
  offset: number;
  length: number;
  line: number;
  /** The first 16 digits: see `answersPrompt`. */
  promptHash: string;
  failed: boolean;
}

/** Where answers lie, by name: packed numbers, some 40 bytes an answer beside its name. Of equal names the later one counts. */
export interface AnswerIndex {
  readonly size: number;
  get(name: string): AnswerPlace | undefined;
  set(name: string, place: AnswerPlace): void;
}

/** Hex digits of a prompt's hash that are kept: 64 bits. */
export const keptDigits = 16;

export function answerIndex(): AnswerIndex {
  const rows = new Map<string, number>();
  let offsets = new Float64Array(1024);
  let lengths = new Uint32Array(1024); // the top bit says whether the request failed
  let lines = new Uint32Array(1024);
  let hashes = new BigUint64Array(1024);
  const grow = () => {
    const size = offsets.length * 2;
    offsets = extended(new Float64Array(size), offsets);
    lengths = extended(new Uint32Array(size), lengths);
    lines = extended(new Uint32Array(size), lines);
    hashes = extended(new BigUint64Array(size), hashes);
  };
  return {
    get size() {
      return rows.size;
    },
    get(name) {
      const row = rows.get(name);
      if (row === undefined) return undefined;
      return {
        offset: offsets[row]!,
        length: lengths[row]! & 0x7fffffff,
        line: lines[row]!,
        promptHash: hashes[row]!.toString(16).padStart(keptDigits, "0"),
        failed: lengths[row]! >>> 31 === 1,
      };
    },
    set(name, { offset, length, line, promptHash, failed }) {
      let row = rows.get(name);
      if (row === undefined) {
        row = rows.size;
        if (row === offsets.length) grow();
        rows.set(name, row);
      }
      offsets[row] = offset;
      lengths[row] = length + (failed ? 0x80000000 : 0);
      lines[row] = line;
      hashes[row] = BigInt(`0x${promptHash.slice(0, keptDigits)}`);
    },
  };
}

function extended<T extends { set(from: T): void }>(bigger: T, from: T): T {
  bigger.set(from);
  return bigger;
}
