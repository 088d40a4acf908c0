import { createHash } from "node:crypto";
import {
  decodeDicom,
  decodeImage,
  differenceHash,
  encodePng,
  ImageError,
  type ImageStore,
  isDicom,
} from "@mede2/images";
import type { ImageRef } from "@mede2/schemas";
import type { SourceImage } from "./importer.ts";
import { PictureMissing } from "./reading/pictures.ts";

/** A picture that is in the store, with its 64-bit difference hash as 16 hex digits, or why it is not. */
export type StoredPicture =
  | { ref: ImageRef & { dHash: string }; warning?: string }
  | { failed: string; detail: string };

/** Pictures that were stored last, by file and by content: a picture often has a dozen questions. */
const REMEMBERED = 4096;

/**
 * Puts pictures into a store. Every picture is decoded once, so that none is broken; of DICOM the pixels are kept alone. A picture that cannot
 * be had is an answer (`image-missing`, `image-unreadable`, `image-without-pixels`); a store that cannot be written is thrown.
 */
export function pictureStorer(store: ImageStore): (image: SourceImage) => Promise<StoredPicture> {
  const byFile = remembered();
  const byContent = remembered();
  return async (image) => {
    const frame = image.frame ?? 1;
    const whole = async (): Promise<StoredPicture> => {
      let bytes: Uint8Array;
      try {
        bytes = await image.read();
      } catch (error) {
        const missing = error instanceof PictureMissing || (error as { code?: string }).code === "ENOENT";
        return { failed: missing ? "image-missing" : "image-unreadable", detail: (error as Error).message };
      }
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      return byContent(`${sha256}/${frame}`, () => keep(bytes, frame, store));
    };
    const found = await (image.key === undefined ? whole() : byFile(`${image.key}/${frame}`, whole));
    if ("failed" in found) return found;
    const regions = (await image.regions?.()) ?? [];
    return {
      ...found,
      ref: {
        ...found.ref,
        ...(image.role === undefined ? {} : { role: image.role }),
        ...(regions.length === 0 ? {} : { regions }),
      },
    };
  };
}

/** What was made last for each key, also while it is being made. */
function remembered(): (key: string, make: () => Promise<StoredPicture>) => Promise<StoredPicture> {
  const known = new Map<string, Promise<StoredPicture>>();
  return (key, make) => {
    const found = known.get(key) ?? make();
    known.delete(key);
    known.set(key, found);
    if (known.size > REMEMBERED) known.delete(known.keys().next().value!);
    return found;
  };
}

async function keep(bytes: Uint8Array, frame: number, store: ImageStore): Promise<StoredPicture> {
  try {
    if (!isDicom(bytes)) {
      const dHash = hex(differenceHash(await decodeImage(bytes)));
      return { ref: { ...(await store.put(bytes)), dHash } };
    }
    const { image: pixels, burnedIn } = await decodeDicom(bytes, { frame });
    const ref = { ...(await store.put(await encodePng(pixels))), dHash: hex(differenceHash(pixels)) };
    const warned = burnedIn === "stated" || burnedIn === "likely";
    return warned ? { ref, warning: `burned-in-text-${burnedIn}` } : { ref };
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    const failed = error.code === "IMAGE_NO_PIXELS" ? "image-without-pixels" : "image-unreadable";
    return { failed, detail: error.message };
  }
}

const hex = (hash: bigint): string => hash.toString(16).padStart(16, "0");
