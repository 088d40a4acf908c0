import { NnFault } from "../fault.ts";

export type SmartResizeLimits = {
  /** Both sides become multiples of this: patch size × spatial merge. */
  readonly factor: number;
  readonly minPixels: number;
  readonly maxPixels: number;
};

/** Python's `round`: halves go to the even neighbour. */
function roundHalfEven(x: number): number {
  const low = Math.floor(x);
  if (x - low !== 0.5) return Math.round(x);
  return low % 2 === 0 ? low : low + 1;
}

/**
 * The size an image is brought to: multiples of `factor`, area between the limits, aspect ratio nearly kept
 * (`smart_resize`, Qwen2-VL image processor in transformers 5.23.0).
 *
 * @throws NnFault `image-aspect` when one side is more than 200 times the other
 */
export function smartResize(
  height: number,
  width: number,
  { factor, minPixels, maxPixels }: SmartResizeLimits,
): { readonly height: number; readonly width: number } {
  const ratio = Math.max(height, width) / Math.min(height, width);
  if (!(ratio <= 200)) {
    throw new NnFault(
      "image-aspect",
      `an image of ${width} × ${height} is more than 200 times longer than wide; crop it`,
    );
  }
  const h = roundHalfEven(height / factor) * factor;
  const w = roundHalfEven(width / factor) * factor;
  if (h * w > maxPixels) {
    const beta = Math.sqrt((height * width) / maxPixels);
    return {
      height: Math.max(factor, Math.floor(height / beta / factor) * factor),
      width: Math.max(factor, Math.floor(width / beta / factor) * factor),
    };
  }
  if (h * w < minPixels) {
    const beta = Math.sqrt(minPixels / (height * width));
    return {
      height: Math.ceil((height * beta) / factor) * factor,
      width: Math.ceil((width * beta) / factor) * factor,
    };
  }
  return { height: h, width: w };
}
