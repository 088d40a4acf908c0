import type { ImageRef } from "@mede2/schemas";
import { type KittyPictures, openKittyPictures } from "../chart/kitty-picture.ts";
import { pictureLines } from "../chart/picture.ts";
import type { Look } from "../look/look.ts";
import type { PictureView } from "../screens/trace.ts";
import { lineCells } from "../text/line.ts";
import { openPictureCache } from "./picture-cache.ts";

/** Reaches the terminal beside what is drawn: pictures as pixels are handed over by it. */
export interface ToTerminal {
  write(text: string): void;
  tmux: boolean;
}

/** Pictures in the size and the way that the screen has for them. */
export interface ScreenPictures {
  /** Undefined while it is being decoded; then `ready` is called. */
  of(ref: ImageRef, workspace: string, store: string | undefined, look: Look): PictureView;
  close(): void;
}

/** Without `toTerminal` all of them are half blocks or signs. */
export function openScreenPictures(ready: () => void, toTerminal: ToTerminal | undefined): ScreenPictures {
  const cache = openPictureCache(ready);
  let held: KittyPictures | undefined;
  return {
    of(ref, workspace, store, look) {
      const found = cache.get(ref, workspace, store);
      if (found === undefined || "reason" in found) return found;
      const room = {
        columns: Math.max(12, Math.min(56, Math.floor(look.columns * 0.3))),
        rows: Math.max(5, Math.floor((look.rows - 4) * 0.45) - 2),
      };
      if (look.pictures === "kitty" && toTerminal !== undefined) {
        const first = (process.pid << 8) & 0xffffff;
        held ??= openKittyPictures(toTerminal.write, { first, tmux: toTerminal.tmux });
        const lines = held.lines(ref.sha256, found, room);
        return { lines, columns: lineCells(lines[0]!) };
      }
      const signs = look.ascii || look.depth === "none" || look.depth === "16";
      const lines = pictureLines(found, { ...room, signs });
      return { lines, columns: Math.max(...lines.map(lineCells)) };
    },
    close() {
      held?.close();
      held = undefined;
    },
  };
}
