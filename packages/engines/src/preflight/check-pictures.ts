import type { DecodedImage, ImageStore } from "@mede2/images";
import type { ImageRef } from "@mede2/schemas";
import type { PlanRow } from "../data/plan-rows.ts";
import type { Tally } from "./tally.ts";

/** Looks at each picture once: it is there, its bytes are those of its hash, it decodes, and it has the size that the record says. What decodes is handed to `seen`. */
export function pictureChecks(
  store: ImageStore,
  found: Tally,
  seen: (image: ImageRef, pixels: DecodedImage, row: PlanRow) => void,
) {
  const looked = new Set<string>();
  return async (image: ImageRef, row: PlanRow): Promise<void> => {
    if (looked.has(image.sha256)) return;
    looked.add(image.sha256);
    if (!store.has(image.sha256)) return; // `encodeRow` tells it
    const where = `${row.place.file}:${row.place.line}`;
    try {
      const pixels = await store.pixels(image);
      const { width, height } = pixels;
      seen(image, pixels, row);
      if (width !== image.width || height !== image.height)
        found.add(
          "error",
          "image-size",
          `${where}: the picture ${image.sha256.slice(0, 12)}… has ${width} × ${height} pixels, the record says ${image.width} × ${image.height}`,
          "import the pictures again",
        );
      else if (Math.min(width, height) < 28)
        found.add("warning", "image-small", `${where}: a picture of ${width} × ${height} pixels is enlarged`);
    } catch (reason) {
      found.add(
        "error",
        "image-unreadable",
        `${where}: ${(reason as Error).message}`,
        "import the picture again",
      );
    }
  };
}
