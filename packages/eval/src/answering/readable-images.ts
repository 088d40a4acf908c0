import { ImageError, type ImageStore } from "@mede2/images";
import type { ImageRef } from "@mede2/schemas";

/** The first of some images that cannot be decoded, with the reason; each image is tried once. One broken picture must cost its question, not the evaluation. */
export function readableImages(
  store: ImageStore,
): (images: readonly ImageRef[]) => Promise<ImageError | null> {
  const tried = new Map<string, Promise<ImageError | null>>();
  return async (images) => {
    for (const ref of images) {
      const known =
        tried.get(ref.sha256) ??
        store.pixels(ref).then(
          () => null,
          (error: unknown) => {
            if (error instanceof ImageError) return error;
            throw error;
          },
        );
      tried.set(ref.sha256, known);
      const broken = await known;
      if (broken !== null) return broken;
    }
    return null;
  };
}
