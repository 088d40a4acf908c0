import type { Sink } from "./io.ts";
import { printable } from "./printable.ts";

/** Text that grows on the screen. */
export type TextStream = {
  /** Shows what is new of the text so far. A text that does not go on where the last one stood was begun anew, and stands on a line of its own. */
  show(text: string): void;
  /** Goes to a new line, so that something else can be written. */
  pause(): void;
  /** Shows the rest of the whole text, and a new line. */
  end(text: string): void;
};

/** Writes text as it comes, without control characters: models write what they like. */
export function openTextStream(sink: Sink): TextStream {
  let shown = "";
  let open = false;
  const write = (text: string): void => {
    if (text === "") return;
    sink.write(text);
    open = !text.endsWith("\n");
  };
  const pause = (): void => {
    if (open) write("\n");
  };
  const show = (text: string): void => {
    // an escape sequence is known as one only when it is whole: of the text as a whole, not of its pieces
    const clean = printable(text);
    if (!clean.startsWith(shown)) {
      pause();
      shown = "";
    }
    write(clean.slice(shown.length));
    shown = clean;
  };
  return {
    show,
    pause,
    end(text) {
      show(text);
      pause();
      shown = "";
    },
  };
}
