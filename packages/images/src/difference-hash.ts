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
  for (let y = 0; y < height; y++)
    for (let x = 0; x < columns; x++)
      across[y * columns + x] = meanOver(
        (at) => data[y * width + at]!,
        (x * width) / columns,
        ((x + 1) * width) / columns,
      );
  const cells = new Float64Array(rows * columns);
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < columns; x++)
      cells[y * columns + x] = meanOver(
        (at) => across[at * columns + x]!,
        (y * height) / rows,
        ((y + 1) * height) / rows,
      );
  return cells;
}

function meanOver(value: (at: number) => number, from: number, to: number): number {
  let sum = 0;
  for (let at = Math.floor(from); at < to; at++)
    sum += value(at) * (Math.min(at + 1, to) - Math.max(at, from));
  return sum / (to - from);
}
