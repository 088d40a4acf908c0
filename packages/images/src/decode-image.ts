import type { Sharp } from "sharp";
import type { DecodedImage } from "./decoded-image.ts";
import { decodeDicom } from "./dicom/decode-dicom.ts";
import { type DicomWindow, isDicom } from "./dicom/dicom-attributes.ts";
import { ImageError } from "./image-error.ts";
import { type ImageMime, imageMime } from "./image-format.ts";

export type DecodeOptions = {
  /** Refuse an image with more pixels than this, before they are decoded. Default 100 million. */
  maxPixels?: number;
  /** Of DICOM: which frame, counted from 1 (default 1), and the values to show (default the file's own window). */
  frame?: number;
  window?: DicomWindow;
};

/**
 * Pixels of a PNG, JPEG, TIFF (first page), WebP (first frame) or DICOM file (see `decodeDicom`).
 * EXIF orientation is applied. 16-bit samples go to the nearest of 8 bits (v / 257). Embedded ICC profiles are ignored, as PIL and so
 * transformers do; CMYK becomes sRGB. Grey stays one channel; grey with alpha becomes four.
 * Throws `IMAGE_FORMAT_UNSUPPORTED`, `IMAGE_TOO_LARGE` or `IMAGE_UNREADABLE` (damaged or cut off).
 */
export async function decodeImage(bytes: Uint8Array, options: DecodeOptions = {}): Promise<DecodedImage> {
  if (isDicom(bytes)) return (await decodeDicom(bytes, options)).image;
  return withSharp(bytes, options, async (source) => {
    const { space, channels, hasAlpha, depth } = await source.metadata();
    if (depth !== "uchar" && depth !== "ushort")
      throw new ImageError(
        "IMAGE_UNREADABLE",
        `the image has samples of type ${depth}; 8-bit and 16-bit unsigned are understood, convert it with the window you need.`,
      );
    const grey = channels === 1 && !hasAlpha && space !== "srgb";
    const [greySpace, colourSpace] = depth === "ushort" ? ["grey16", "rgb16"] : ["b-w", "srgb"];
    const pipeline = source.autoOrient().toColourspace(grey ? greySpace : colourSpace);
    const { data, info } = await pipeline.raw({ depth }).toBuffer({ resolveWithObject: true });
    const { width, height, channels: found } = info;
    if (found !== 1 && found !== 3 && found !== 4)
      throw new ImageError(
        "IMAGE_UNREADABLE",
        `the image has ${found} channels; grey, RGB and RGBA are understood.`,
      );
    return {
      width,
      height,
      channels: found,
      data: depth === "ushort" ? narrow(data) : new Uint8Array(data.buffer, data.byteOffset, data.length),
    };
  });
}

/** 16-bit samples, little-endian, to the nearest of 8 bits: round(v / 257), as libpng's accurate scaling does. */
function narrow(data: Buffer): Uint8Array {
  const out = new Uint8Array(data.length / 2);
  for (let at = 0; at < out.length; at++) out[at] = Math.round(data.readUInt16LE(at * 2) / 257);
  return out;
}

/** MIME type and size as displayed (after EXIF orientation), from the header alone. Errors as `decodeImage`. */
export async function imageInfo(
  bytes: Uint8Array,
  options: DecodeOptions = {},
): Promise<{ mime: ImageMime; width: number; height: number }> {
  const mime = imageMime(bytes);
  return withSharp(bytes, options, async (source) => {
    const { autoOrient } = await source.metadata();
    return { mime, width: autoOrient.width, height: autoOrient.height };
  });
}

/** sharp is loaded at first use: a program that never decodes never loads native code. */
async function withSharp<T>(
  bytes: Uint8Array,
  { maxPixels = 100_000_000 }: DecodeOptions,
  use: (source: Sharp) => Promise<T>,
): Promise<T> {
  const mime = imageMime(bytes);
  const { default: sharp } = await import("sharp");
  try {
    return await use(
      sharp(bytes, { limitInputPixels: maxPixels, failOn: "error", pages: 1, ignoreIcc: true }),
    );
  } catch (cause) {
    if (cause instanceof ImageError) throw cause;
    const message = (cause as Error).message;
    if (/pixel limit|too large|exceeds/i.test(message))
      throw new ImageError(
        "IMAGE_TOO_LARGE",
        `the ${mime} has more than ${maxPixels} pixels; shrink it or raise maxPixels.`,
        { cause },
      );
    throw new ImageError(
      "IMAGE_UNREADABLE",
      `the ${mime} of ${bytes.length} bytes cannot be decoded (${message}); it is damaged or cut off, fetch it again.`,
      { cause },
    );
  }
}
