import type { ImageStore } from "@mede2/images";
import type { Processor } from "@mede2/nn";
import type { ImageReader } from "../program/image-features.ts";

/** Reads images from a store and prepares them as the model's processor says. */
export function imageReader(store: ImageStore, processor: Processor): ImageReader {
  return async ({ ref }) => processor.processImage(await store.pixels(ref));
}
