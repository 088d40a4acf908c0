import { deflateSync } from "node:zlib";
import type { Line } from "../text/line.ts";
import { areaMeans, type Pixels, pictureCells } from "./picture.ts";

/**
 * Pictures as pixels, by the graphics protocol of kitty (https://sw.kovidgoyal.net/kitty/graphics-protocol/). The picture is handed to the terminal once, as a *virtual placement* of so many
 * cells; on the screen stand placeholder characters, whose colour names the picture and whose diacritic names the row. So a picture is text like any other: drawn over, scrolled
 * and erased with it, in tmux too. What is sent are decoded pixels, never the file.
 */

/** What a picture's cells hold (a private character of kitty's). */
export const placeholder = "\u{10eeee}";

/** The combining characters that stand for 0, 1, 2 … (kitty's rowcolumn-diacritics.txt, the first of them). */
const numbers = [
  0x305, 0x30d, 0x30e, 0x310, 0x312, 0x33d, 0x33e, 0x33f, 0x346, 0x34a, 0x34b, 0x34c, 0x350, 0x351, 0x352,
  0x357, 0x35b, 0x363, 0x364, 0x365, 0x366, 0x367, 0x368, 0x369, 0x36a, 0x36b, 0x36c, 0x36d, 0x36e, 0x36f,
  0x483, 0x484, 0x485, 0x486, 0x487, 0x592, 0x593, 0x594, 0x595, 0x597, 0x598, 0x599, 0x59c, 0x59d, 0x59e,
  0x59f, 0x5a0, 0x5a1, 0x5a8, 0x5a9, 0x5ab, 0x5ac, 0x5af, 0x5c4, 0x610, 0x611, 0x612, 0x613, 0x614, 0x615,
  0x616, 0x617, 0x657, 0x658,
].map((code) => String.fromCodePoint(code));

/** A picture may have so many rows. */
export const mostPictureRows = numbers.length;

/** Row `row` of a picture in `cells` cells: the first names row and column, those after it count on by themselves. */
export const placeholders = (row: number, cells: number): string =>
  cells <= 0 ? "" : `${placeholder}${numbers[row]}${numbers[0]}${placeholder.repeat(cells - 1)}`;

/** The longest side that is sent, in pixels: more than a window shows of a picture beside its question. */
const longestSide = 800;
/** Of base64 in one sequence, as the protocol says. */
const chunk = 4096;

/** The sequences that hand a picture to the terminal and place it in so many cells. Its answer is not asked for. */
export function transmission(id: number, pixels: Pixels, cells: { columns: number; rows: number }): string[] {
  const scale = Math.min(1, longestSide / Math.max(pixels.width, pixels.height));
  const [width, height] = [pixels.width, pixels.height].map((side) => Math.max(1, Math.round(side * scale)));
  const data = deflateSync(areaMeans(pixels, width!, height!)).toString("base64");
  const head = `a=T,U=1,q=2,f=24,o=z,i=${id},s=${width},v=${height},c=${cells.columns},r=${cells.rows}`;
  const sequences: string[] = [];
  for (let at = 0; at < data.length; at += chunk) {
    const more = at + chunk < data.length ? 1 : 0;
    sequences.push(command(at === 0 ? `${head},m=${more}` : `q=2,m=${more}`, data.slice(at, at + chunk)));
  }
  return sequences;
}

const command = (keys: string, data = "") => `\u001b_G${keys}${data === "" ? "" : `;${data}`}\u001b\\`;

/** Through tmux to the terminal around it; tmux lets it pass with `allow-passthrough on`. */
const throughTmux = (sequence: string) =>
  `\u001bPtmux;${sequence.replaceAll("\u001b", "\u001b\u001b")}\u001b\\`;

/** Pictures that the terminal holds. */
export interface KittyPictures {
  /** Lines of placeholders; the picture is sent before, if the terminal does not hold it in this size. */
  lines(name: string, pixels: Pixels, room: { columns: number; rows: number }): Line[];
  /** Makes the terminal forget what it holds. */
  close(): void;
}

const mostHeld = 8;

/** `write` reaches the terminal; `first` is the number of the first picture, 24 bits, which should differ from viewer to viewer. */
export function openKittyPictures(
  write: (text: string) => void,
  { first, tmux }: { first: number; tmux: boolean },
): KittyPictures {
  const held = new Map<string, number>();
  let next = 0;
  const send = (sequences: readonly string[]) =>
    write((tmux ? sequences.map(throughTmux) : sequences).join(""));
  const forget = (name: string) => {
    send([command(`a=d,d=I,q=2,i=${held.get(name)}`)]);
    held.delete(name);
  };
  return {
    lines(name, pixels, room) {
      const cells = pictureCells(pixels, { ...room, rows: Math.min(room.rows, mostPictureRows) });
      const key = `${name} ${cells.columns} ${cells.rows}`;
      let id = held.get(key);
      if (id === undefined) {
        if (held.size >= mostHeld) forget(held.keys().next().value!);
        id = 1 + ((first + next++) % 0xffffff);
        held.set(key, id);
        send(transmission(id, pixels, cells));
      }
      return Array.from(
        { length: cells.rows },
        (_, row): Line => [{ text: " ".repeat(cells.columns), picture: { id, row } }],
      );
    },
    close() {
      for (const name of [...held.keys()]) forget(name);
    },
  };
}
