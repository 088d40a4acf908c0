import { renderWardImage, type WardImageSpec } from "@mede2/data";
import { encodePng, type ImageStore } from "@mede2/images";
import type { ImageRef } from "@mede2/schemas";

/** Draws a picture of the ward and keeps it in a store as PNG. */
export async function storeWardImage(store: ImageStore, spec: WardImageSpec): Promise<ImageRef> {
  return store.put(await encodePng(renderWardImage(spec)));
}
