import {
  areaMeans,
  type DecodedImage,
  differenceHash,
  ImageError,
  type ImageStore,
  toGrey,
} from "@mede2/images";
import type { ImageRef } from "@mede2/schemas";

/** Width and height of the thumbnail. */
export const THUMBNAIL = 32;

/** What a picture is recognised by when its file was encoded or scaled anew. */
export interface Fingerprint {
  /** 64-bit difference hash. */
  hash: bigint;
  /** Grey, 32 × 32 area means, row by row, 0–255. */
  thumbnail: Uint8Array;
}

export function fingerprint(image: DecodedImage): Fingerprint {
  const thumbnail = Uint8Array.from(areaMeans(toGrey(image), THUMBNAIL, THUMBNAIL), Math.round);
  return { hash: differenceHash(image), thumbnail };
}

/** Gives the fingerprint of a picture, or undefined when its pixels cannot be had. */
export type Fingerprints = (ref: ImageRef) => Promise<Fingerprint | undefined>;

/**
 * Fingerprints of the pictures in a store, each computed once while it is among the last `keep` (about 1.2 kB each). A picture that is missing or cannot be decoded
 * has none, and `onMissing` hears of it once for each time it was looked for.
 */
export function storeFingerprints(
  store: ImageStore,
  { keep = 20_000, onMissing }: { keep?: number; onMissing?: (ref: ImageRef, why: string) => void } = {},
): Fingerprints {
  const known = new Map<string, Fingerprint | undefined>();
  return async (ref) => {
    if (known.has(ref.sha256)) return known.get(ref.sha256);
    const found = await store.pixels(ref).then(fingerprint, (error: unknown) => {
      if (!(error instanceof ImageError)) throw error;
      onMissing?.(ref, error.message);
      return undefined;
    });
    if (known.size >= keep) known.delete(known.keys().next().value!);
    known.set(ref.sha256, found);
    return found;
  };
}
