import type { ImageStore } from "@mede2/images";
import type { Processor } from "@mede2/nn";
import type { ImageReader } from "../program/image-features.ts";
import { TrainerError } from "../trainer-error.ts";

/** Reads images from a store and prepares them as the model's processor says. Throws `image-size` where a file is not of the size that its reference states. */
export function imageReader(store: ImageStore, processor: Processor): ImageReader {
  return async ({ ref, grid }) => {
    const decoded = await store.pixels(ref);
    const processed = processor.processImage(decoded);
    if (processed.grid.join() !== grid.join())
      throw new TrainerError(
        "image-size",
        `${store.path(ref)} has ${decoded.width} × ${decoded.height} pixels, its reference says ${ref.width} × ${ref.height}`,
        "import the data again, so that its references are right",
      );
    return processed;
  };
}
