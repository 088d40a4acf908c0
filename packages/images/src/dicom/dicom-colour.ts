import { ImageError } from "../image-error.ts";
import type { DicomAttributes } from "./dicom-attributes.ts";
import type { DicomFrame } from "./dicom-frame.ts";

/** Interleaved RGB, 8 bits, of a frame of three samples or of palette indices. Throws `IMAGE_UNREADABLE` for colours it does not know. */
export function colourPixels(
  frame: DicomFrame,
  indices: () => Int32Array | Float64Array,
  attributes: DicomAttributes,
): Uint8Array {
  const { rows, columns, palette } = attributes;
  const count = rows * columns;
  if (frame.photometric === "PALETTE COLOR") {
    if (palette === undefined)
      throw new ImageError(
        "IMAGE_UNREADABLE",
        "the DICOM file states palette colours and holds no whole palette.",
      );
    const rgb = new Uint8Array(count * 3);
    const values = indices();
    for (let at = 0; at < count; at++)
      for (const [channel, { first, bits, entries }] of palette.entries()) {
        const entry = entries[Math.max(0, Math.min(entries.length - 1, values[at]! - first))]!;
        rgb[at * 3 + channel] = bits > 8 ? entry >> 8 : entry;
      }
    return rgb;
  }
  if (frame.bitsAllocated !== 8)
    throw new ImageError(
      "IMAGE_UNREADABLE",
      `DICOM colours of ${frame.bitsAllocated} bits a sample are not understood; 8 are.`,
    );
  const { bytes } = frame;
  if (frame.photometric === "YBR_FULL_422" && bytes.length < count * 3)
    return fromYbr(subsampled(bytes, count));
  const pixels = frame.planar ? interleaved(bytes, count) : bytes.slice(0, count * 3);
  if (frame.photometric === "YBR_FULL" || frame.photometric === "YBR_FULL_422") return fromYbr(pixels);
  if (["RGB", "YBR_RCT", "YBR_ICT"].includes(frame.photometric)) return pixels;
  throw new ImageError(
    "IMAGE_UNREADABLE",
    `DICOM photometric interpretation ${frame.photometric} is not understood; convert the file to RGB.`,
  );
}

function interleaved(planes: Uint8Array, count: number): Uint8Array {
  return Uint8Array.from({ length: count * 3 }, (_, at) => planes[(at % 3) * count + Math.floor(at / 3)]!);
}

/** Y Y Cb Cr a pair of pixels (PS3.3 C.7.6.3.1.2). */
function subsampled(bytes: Uint8Array, count: number): Uint8Array {
  return Uint8Array.from({ length: count * 3 }, (_, at) => {
    const pixel = Math.floor(at / 3);
    const pair = (pixel >> 1) * 4;
    return bytes[at % 3 === 0 ? pair + (pixel & 1) : pair + 1 + (at % 3)]!;
  });
}

/** PS3.3 C.7.6.3.1.2, the inverse of its matrix. */
function fromYbr(pixels: Uint8Array): Uint8Array {
  const rgb = new Uint8ClampedArray(pixels.length);
  for (let at = 0; at < pixels.length; at += 3) {
    const [y, b, r] = [pixels[at]!, pixels[at + 1]! - 128, pixels[at + 2]! - 128];
    rgb[at] = y + 1.402 * r;
    rgb[at + 1] = y - 0.344136 * b - 0.714136 * r;
    rgb[at + 2] = y + 1.772 * b;
  }
  return new Uint8Array(rgb.buffer);
}
