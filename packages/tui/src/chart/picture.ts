import type { Line, Rgb, Segment } from "../text/line.ts";

/** Pixels as rows of 1, 3 or 4 channels. */
export interface Pixels {
  width: number;
  height: number;
  channels: 1 | 3 | 4;
  data: Uint8Array;
}

/** From dark to light. */
const ramp = " .:-=+*#%@";

/** The largest block of cells within `columns` × `rows` that keeps the shape of a picture; a cell counts as twice as high as it is wide. */
export function pictureCells(
  { width, height }: Pick<Pixels, "width" | "height">,
  room: { columns: number; rows: number },
): { columns: number; rows: number } {
  const scale = Math.min(room.columns / width, (2 * room.rows) / height);
  return {
    columns: Math.max(1, Math.floor(width * scale)),
    rows: Math.max(1, Math.floor((height * scale) / 2)),
  };
}

/** A picture of at most `columns` × `rows` cells with its shape kept: two pixels a cell, one above the other, as half blocks; in ASCII or without colours as a ramp of signs. */
export function pictureLines(
  pixels: Pixels,
  look: { columns: number; rows: number; signs: boolean },
): Line[] {
  const cells = pictureCells(pixels, look);
  const width = cells.columns;
  const small = areaMeans(pixels, width, 2 * cells.rows);
  const at = (x: number, y: number): Rgb => {
    const place = 3 * (y * width + x);
    return [small[place]!, small[place + 1]!, small[place + 2]!];
  };
  return Array.from({ length: cells.rows }, (_, row): Line => {
    if (look.signs)
      return [
        Array.from({ length: width }, (_, x) => {
          const light = (brightness(at(x, 2 * row)) + brightness(at(x, 2 * row + 1))) / 2;
          return ramp[Math.min(ramp.length - 1, Math.floor((light / 256) * ramp.length))];
        }).join(""),
      ];
    const segments: Segment[] = [];
    for (let x = 0; x < width; x++) {
      const [fg, bg] = [at(x, 2 * row), at(x, 2 * row + 1)];
      const last = segments.at(-1);
      if (last !== undefined && same(last.fg!, fg) && same(last.bg!, bg)) last.text += "▀";
      else segments.push({ text: "▀", fg, bg });
    }
    return segments;
  });
}

const same = (a: Rgb, b: Rgb) => a[0] === b[0] && a[1] === b[1] && a[2] === b[2];
/** Rec. 709 luma. */
const brightness = ([red, green, blue]: Rgb) => 0.2126 * red + 0.7152 * green + 0.0722 * blue;

/** The picture as `columns` × `rows` pixels of red, green and blue: each the mean of the pixels that it covers; transparent ones lie on black. */
export function areaMeans(
  { width, height, channels, data }: Pixels,
  columns: number,
  rows: number,
): Uint8Array {
  const result = new Uint8Array(3 * columns * rows);
  for (let row = 0; row < rows; row++) {
    const [top, bottom] = [
      Math.floor((row * height) / rows),
      Math.max(Math.floor((row * height) / rows) + 1, Math.floor(((row + 1) * height) / rows)),
    ];
    for (let column = 0; column < columns; column++) {
      const left = Math.floor((column * width) / columns);
      const right = Math.max(left + 1, Math.floor(((column + 1) * width) / columns));
      let [red, green, blue, count] = [0, 0, 0, 0];
      for (let y = top; y < Math.min(bottom, height); y++)
        for (let x = left; x < Math.min(right, width); x++) {
          const at = (y * width + x) * channels;
          const alpha = channels === 4 ? data[at + 3]! / 255 : 1;
          red += data[at]! * alpha;
          green += data[channels === 1 ? at : at + 1]! * alpha;
          blue += data[channels === 1 ? at : at + 2]! * alpha;
          count += 1;
        }
      const mean = (sum: number) => Math.round(sum / Math.max(1, count));
      result.set([mean(red), mean(green), mean(blue)], 3 * (row * columns + column));
    }
  }
  return result;
}
