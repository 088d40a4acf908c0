import { zlibSync } from "fflate";
import { crc32 } from "./crc32.ts";
import { checkImage, type DecodedImage } from "./decoded-image.ts";

/**
 * A PNG of 8 bits a sample (PNG specification, 3rd edition). The same pixels give the same bytes on every machine and release of
 * Node: compression is done in JavaScript, because zlib builds differ in their output and images are addressed by their hash.
 * Each row takes the filter with the least sum of absolute differences (§12.7).
 */
export async function encodePng(image: DecodedImage): Promise<Uint8Array> {
  checkImage(image);
  const { width, height, channels } = image;
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header[8] = 8; // bits a sample
  header[9] = { 1: 0, 3: 2, 4: 6 }[channels]; // colour type
  const chunks = [
    chunk("IHDR", header),
    chunk("IDAT", zlibSync(filtered(image), { level: 9, mem: 8 })),
    chunk("IEND", new Uint8Array()),
  ];
  return new Uint8Array(
    Buffer.concat([Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a), ...chunks]),
  );
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const out = new Uint8Array(12 + data.length);
  const view = new DataView(out.buffer);
  view.setUint32(0, data.length);
  for (let index = 0; index < 4; index++) out[4 + index] = type.charCodeAt(index);
  out.set(data, 8);
  view.setUint32(8 + data.length, crc32(out.subarray(4, 8 + data.length)));
  return out;
}

/** Rows, each with its filter type in front. */
function filtered({ width, height, channels, data }: DecodedImage): Uint8Array {
  const stride = width * channels;
  const out = new Uint8Array(height * (stride + 1));
  const trial = new Uint8Array(stride);
  for (let y = 0; y < height; y++) {
    const row = data.subarray(y * stride, (y + 1) * stride);
    const above = y === 0 ? new Uint8Array(stride) : data.subarray((y - 1) * stride, y * stride);
    let least = Number.POSITIVE_INFINITY;
    for (let type = 0; type < 5; type++) {
      const sum = applyFilter(type, row, above, channels, trial);
      if (sum >= least) continue;
      least = sum;
      out[y * (stride + 1)] = type;
      out.set(trial, y * (stride + 1) + 1);
    }
  }
  return out;
}

function applyFilter(
  type: number,
  row: Uint8Array,
  above: Uint8Array,
  channels: number,
  out: Uint8Array,
): number {
  let sum = 0;
  for (let index = 0; index < row.length; index++) {
    const left = index < channels ? 0 : row[index - channels]!;
    const up = above[index]!;
    let predicted = 0;
    if (type === 1) predicted = left;
    else if (type === 2) predicted = up;
    else if (type === 3) predicted = (left + up) >> 1;
    else if (type === 4) predicted = paeth(left, up, index < channels ? 0 : above[index - channels]!);
    const value = (row[index]! - predicted) & 255;
    out[index] = value;
    sum += value < 128 ? value : 256 - value;
  }
  return sum;
}

function paeth(left: number, up: number, upLeft: number): number {
  const estimate = left + up - upLeft;
  const [a, b, c] = [Math.abs(estimate - left), Math.abs(estimate - up), Math.abs(estimate - upLeft)];
  if (a <= b && a <= c) return left;
  return b <= c ? up : upLeft;
}
