import type { ImageRef } from "@mede2/schemas";
import type { Pixels } from "../chart/picture.ts";
import { loadPicture } from "./picture.ts";

/** Pictures that were opened: each is decoded once. */
export interface PictureCache {
  /** Undefined while it is being decoded; then `ready` is called. */
  get(ref: ImageRef, workspace: string, store: string | undefined): Pixels | { reason: string } | undefined;
}

const mostKept = 64;

export function openPictureCache(ready: () => void): PictureCache {
  const known = new Map<string, Pixels | { reason: string } | undefined>();
  return {
    get(ref, workspace, store) {
      if (known.has(ref.sha256)) return known.get(ref.sha256);
      if (known.size >= mostKept) known.delete(known.keys().next().value!);
      known.set(ref.sha256, undefined);
      void loadPicture(ref, workspace, store)
        .catch((error: unknown) => ({
          reason: `no picture: ${error instanceof Error ? error.message : String(error)}`,
        }))
        .then((found) => {
          known.set(ref.sha256, found);
          ready();
        });
      return undefined;
    },
  };
}
