import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { isInside } from "@mede2/runs";
import type { ImageRef } from "@mede2/schemas";

/** Where the picture of a reference lies, or why it cannot be shown. */
export type ImagePlace =
  | { readonly found: true; readonly path: string }
  | { readonly found: false; readonly reason: string };

/** The formats of the store that a browser draws, and the ending of their files. */
const shown: Readonly<Record<string, string>> = {
  "image/png": "png",
  "image/jpeg": "jpg",
  "image/webp": "webp",
};

/**
 * Finds a picture in the stores, first match wins. A reference is untrusted: its hash must be one, and what is found must really lie in the
 * store, also when a link stands there.
 */
export function placeOfImage(ref: Pick<ImageRef, "sha256" | "mime">, stores: readonly string[]): ImagePlace {
  if (!/^[0-9a-f]{64}$/.test(ref.sha256)) return { found: false, reason: "its reference is no sha256" };
  const ending = Object.hasOwn(shown, ref.mime) ? shown[ref.mime] : undefined;
  if (ending === undefined)
    return { found: false, reason: `pictures of the type ${ref.mime.slice(0, 40)} are not drawn here` };
  for (const store of stores) {
    const path = join(store, ref.sha256.slice(0, 2), `${ref.sha256}.${ending}`);
    if (!existsSync(path)) continue;
    if (!isInside(realpathSync(store), realpathSync(path)))
      return { found: false, reason: "its file is a link out of the image store" };
    return { found: true, path };
  }
  return {
    found: false,
    reason:
      stores.length === 0 ? "there is no image store (.mede2/images) here" : "it is not in the image store",
  };
}
