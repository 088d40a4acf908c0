type Kind = "uint16" | "uint32" | "float64";
const arrays = { uint16: Uint16Array, uint32: Uint32Array, float64: Float64Array } as const;

/** A list of numbers that takes 2, 4 or 8 bytes an entry; it grows in pieces, so that nothing is copied. */
export interface Column {
  readonly length: number;
  push(value: number): void;
  at(index: number): number;
}

const PIECE = 1 << 16;

export function column(kind: Kind): Column {
  const pieces: (Uint16Array | Uint32Array | Float64Array)[] = [];
  let length = 0;
  return {
    get length() {
      return length;
    },
    push(value) {
      const place = length % PIECE;
      if (place === 0) pieces.push(new arrays[kind](PIECE));
      pieces.at(-1)![place] = value;
      length += 1;
    },
    at: (index) => pieces[Math.floor(index / PIECE)]![index % PIECE]!,
  };
}

/** A column of numbers that are there already. */
export const columnOf = (values: readonly number[]): Column => ({
  length: values.length,
  push: () => {
    throw new TypeError("this column is complete");
  },
  at: (index) => values[index]!,
});
