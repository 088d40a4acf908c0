import { ImageError } from "../image-error.ts";
import type { DicomAttributes, DicomLut, DicomWindow } from "./dicom-attributes.ts";
import type { DicomFrame } from "./dicom-frame.ts";

/** Stored values of a frame: the bits that are used, with their sign (PS3.5 §8.1.1). */
export function storedValues(frame: DicomFrame, signed: boolean): Int32Array | Float64Array {
  const { bytes, bitsAllocated, bitsStored, highBit } = frame;
  if (bitsAllocated === 1) return Int32Array.from(bytes);
  if (![8, 16, 32].includes(bitsAllocated) || bitsStored < 1 || bitsStored > bitsAllocated)
    throw new ImageError(
      "IMAGE_UNREADABLE",
      `DICOM pixels of ${bitsStored} bits in ${bitsAllocated} are not understood; 1, 8, 16 and 32 allocated bits are.`,
    );
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const width = bitsAllocated / 8;
  const shift = Math.max(0, highBit + 1 - bitsStored);
  const values = new Float64Array(Math.floor(bytes.length / width));
  const [range, half] = [2 ** bitsStored, 2 ** (bitsStored - 1)];
  for (let at = 0; at < values.length; at++) {
    const word =
      width === 1 ? bytes[at]! : width === 2 ? view.getUint16(at * 2, true) : view.getUint32(at * 4, true);
    const value = shift === 0 ? word % range : Math.floor(word / 2 ** shift) % range;
    values[at] = signed && value >= half ? value - range : value;
  }
  return values;
}

/**
 * Grey levels 0–255: rescaled, windowed, black and white as a viewer shows them. The window is the one that is asked for, else the
 * file's first, else its VOI table, else from the least to the greatest value of the frame (padding left out).
 */
export function greyLevels(
  values: Int32Array | Float64Array,
  attributes: DicomAttributes,
  asked: DicomWindow | undefined,
): Uint8Array {
  const { modalityLut, voiLut, slope, intercept, padding, photometric, inverse } = attributes;
  const rescaled = Float64Array.from(values, (value) =>
    modalityLut === undefined ? value * slope + intercept : look(modalityLut, value),
  );
  const window = asked ?? attributes.window;
  let level: (value: number) => number;
  if (window !== undefined) level = windowed(window);
  else if (voiLut !== undefined) level = (value) => (look(voiLut, value) / (2 ** voiLut.bits - 1)) * 255;
  else {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const [at, value] of rescaled.entries()) {
      if (values[at] === padding) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    level = high > low ? (value) => ((value - low) / (high - low)) * 255 : () => 0;
  }
  const flip = photometric === "MONOCHROME1" || inverse;
  return Uint8Array.from(rescaled, (value) => {
    const grey = Math.max(0, Math.min(255, Math.round(level(value))));
    return flip ? 255 - grey : grey;
  });
}

const look = ({ first, entries }: DicomLut, value: number): number =>
  entries[Math.max(0, Math.min(entries.length - 1, Math.round(value) - first))]!;

/** PS3.3 C.11.2.1.2 (linear), C.11.2.1.3.2 (linear exact) and C.11.2.1.3.1 (sigmoid), to 0–255. */
function windowed({ center, width, shape = "LINEAR" }: DicomWindow): (value: number) => number {
  if (shape === "SIGMOID") return (value) => 255 / (1 + Math.exp((-4 * (value - center)) / width));
  if (shape === "LINEAR_EXACT") return (value) => ((value - center) / width + 0.5) * 255;
  if (width <= 1) return (value) => (value <= center - 0.5 ? 0 : 255);
  return (value) => ((value - (center - 0.5)) / (width - 1) + 0.5) * 255;
}
