import { isAbsolute, join, resolve } from "node:path";
import { defaultImageStore } from "@mede2/runs";
import type { ImageRef } from "@mede2/schemas";
import type { Pixels } from "../chart/picture.ts";

/** Pixels of a picture of the workspace's store. Throws what the store says: missing, corrupt, of an unknown format. */
export async function loadPicture(
  ref: ImageRef,
  workspace: string,
  store: string = defaultImageStore,
): Promise<Pixels> {
  // the decoder is large and seldom needed
  const { openImageStore } = await import("@mede2/images");
  const folder = isAbsolute(store) ? store : resolve(join(workspace, store));
  return openImageStore(folder).pixels(ref);
}
