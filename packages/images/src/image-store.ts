import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ImageRef } from "@mede2/schemas";
import { type DecodeOptions, decodeImage, imageInfo } from "./decode-image.ts";
import type { DecodedImage } from "./decoded-image.ts";
import { isDicom } from "./dicom/dicom-attributes.ts";
import { encodePng } from "./encode-png.ts";
import { ImageError } from "./image-error.ts";
import { extensions, type ImageMime } from "./image-format.ts";

/** Files by content: `STORE/aa/<sha256>.<ext>`, where `aa` are the first two digits. */
export interface ImageStore {
  readonly folder: string;
  /**
   * Keeps the file's bytes as they are; putting them again changes nothing. Of a DICOM file the pixels are kept, as PNG, and
   * nothing else: its tags name people.
   */
  put(bytes: Uint8Array, role?: string): Promise<ImageRef>;
  has(sha256: string): boolean;
  /** The file's bytes, checked against the hash: `IMAGE_MISSING`, `IMAGE_CORRUPT`. */
  read(ref: ImageRef): Promise<Uint8Array>;
  /** The decoded pixels; errors of `read` and of `decodeImage`. */
  pixels(ref: ImageRef): Promise<DecodedImage>;
  /** Where the file lies or would lie. */
  path(ref: ImageRef): string;
}

/** Opens a store; the folder is made when the first image comes. Any number of processes may write at once. */
export function openImageStore(folder: string, options: DecodeOptions = {}): ImageStore {
  const place = (sha256: string, mime: string): string => {
    if (!/^[0-9a-f]{64}$/.test(sha256) || !Object.hasOwn(extensions, mime))
      throw new ImageError(
        "IMAGE_REFERENCE_INVALID",
        `${JSON.stringify({ sha256, mime })} is no reference to an image: sha256 has 64 lower-case hex digits, mime is one of ${Object.keys(extensions).join(", ")}.`,
      );
    return join(folder, sha256.slice(0, 2), `${sha256}.${extensions[mime as ImageMime]}`);
  };
  const path = (ref: ImageRef) => place(ref.sha256, ref.mime);

  async function read(ref: ImageRef): Promise<Uint8Array> {
    let bytes: Uint8Array;
    try {
      bytes = await readFile(path(ref));
    } catch (cause) {
      if (cause instanceof ImageError) throw cause;
      throw new ImageError(
        "IMAGE_MISSING",
        `${path(ref)} cannot be read (${(cause as Error).message}); import the data set's images into this store first.`,
        { cause },
      );
    }
    const actual = sha256Of(bytes);
    if (actual !== ref.sha256)
      throw new ImageError(
        "IMAGE_CORRUPT",
        `${path(ref)} has the sha256 ${actual}: its bytes have changed; delete it and import it again.`,
      );
    return bytes;
  }

  return {
    folder,
    path,
    read,
    async put(given, role) {
      const bytes = isDicom(given) ? await encodePng(await decodeImage(given, options)) : given;
      const { mime, width, height } = await imageInfo(bytes, options);
      const sha256 = sha256Of(bytes);
      await writeOnce(place(sha256, mime), bytes);
      return { sha256, mime, width, height, ...(role === undefined ? {} : { role }) };
    },
    has: (sha256) => Object.keys(extensions).some((mime) => existsSync(place(sha256, mime))),
    pixels: async (ref) => decodeImage(await read(ref), options),
  };
}

function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The name says the content, so of two writers at once either may win. A file of another length was left by a crash: replaced. */
async function writeOnce(path: string, bytes: Uint8Array): Promise<void> {
  const existing = await stat(path).catch(() => null);
  if (existing?.size === bytes.length) return;
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await writeFile(temporary, bytes, { flag: "wx" });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
