import { type DecodedImage, toGrey } from "./decoded-image.ts";

/**
 * 64-bit difference hash (Krawetz, "Kind of like that", 2013): the grey image is averaged down to 9×8 cells and each bit, row by
 * row from the most significant, says whether a cell is darker than its right neighbour. Equal images up to size, format and mild
 * compression differ in a few bits. The cells are exact area means, so hashes differ in single bits from libraries that resample otherwise.
 */
export function differenceHash(image: DecodedImage): bigint {
  const cells = areaMeans(toGrey(image), 9, 8);
  let hash = 0n;
  for (let y = 0; y < 8; y++)
    for (let x = 0; x < 8; x++)
      hash = (hash << 1n) | (cells[y * 9 + x + 1]! - cells[y * 9 + x]! > 1e-6 ? 1n : 0n);
  return hash;
}

/** Number of bits in which two hashes differ, 0–64. */
export function hammingDistance(a: bigint, b: bigint): number {
  let difference = BigInt.asUintN(64, a ^ b);
  let count = 0;
  for (; difference !== 0n; difference &= difference - 1n) count++;
  return count;
}

/** Means of a grey image over a grid of equal cells, row by row; a pixel on a border counts to each cell by the part that lies in it. */
export function areaMeans(
  { width, height, data }: DecodedImage,
  columns: number,
  rows: number,
): Float64Array {
  const across = new Float64Array(height * columns);
  for (let y = 0; y < height; y++) meansAlong(data, y * width, 1, width, columns, across, y * columns, 1);
  const cells = new Float64Array(rows * columns);
  for (let x = 0; x < columns; x++) meansAlong(across, x, columns, height, rows, cells, x, columns);
  return cells;
}

/** Means of `length` values (from `start`, `step` apart) over `parts` equal stretches, written from `at` on, `stride` apart. */
function meansAlong(
  values: Uint8Array | Float64Array,
  start: number,
  step: number,
  length: number,
  parts: number,
  out: Float64Array,
  at: number,
  stride: number,
): void {
  for (let part = 0; part < parts; part++) {
    const [from, to] = [(part * length) / parts, ((part + 1) * length) / parts];
    let sum = 0;
    for (let index = Math.floor(from); index < to; index++) {
      const value = values[start + index * step]!;
      const whole = index >= from && index + 1 <= to;
      sum += whole ? value : value * (Math.min(index + 1, to) - Math.max(index, from));
    }
    out[at + part * stride] = sum / (to - from);
  }
}
