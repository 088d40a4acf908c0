import { ImageError } from "./image-error.ts";

/** File extension in the store by MIME type: the formats that we take. */
export const extensions = {
  "image/png": "png",
  "image/jpeg": "jpg",
  "image/tiff": "tiff",
  "image/webp": "webp",
} as const;

export type ImageMime = keyof typeof extensions;

/**
 * The format by the file's first bytes, never by its name. Other formats are refused before a decoder sees them: SVG, for
 * one, can name other files.
 */
export function imageMime(bytes: Uint8Array): ImageMime {
  const starts = (...prefix: number[]) => prefix.every((byte, index) => bytes[index] === byte);
  const ascii = (from: number, text: string) =>
    [...text].every((letter, index) => bytes[from + index] === letter.charCodeAt(0));
  if (starts(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return "image/png";
  if (starts(0xff, 0xd8, 0xff)) return "image/jpeg";
  if (
    starts(0x49, 0x49, 0x2a, 0) ||
    starts(0x4d, 0x4d, 0, 0x2a) ||
    starts(0x49, 0x49, 0x2b, 0) ||
    starts(0x4d, 0x4d, 0, 0x2b)
  )
    return "image/tiff";
  if (ascii(0, "RIFF") && ascii(8, "WEBP")) return "image/webp";
  const first = [...bytes.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  throw new ImageError(
    "IMAGE_FORMAT_UNSUPPORTED",
    `this is no PNG, JPEG, TIFF, WebP or DICOM (${bytes.length} bytes, first ${first || "none"}); convert it to one of them.`,
  );
}
