import { placeholders } from "../chart/kitty-picture.ts";
import { cellsOf } from "../text/cells.ts";
import { fitLine, type Line, type Rgb, type Segment } from "../text/line.ts";
import { toAscii } from "./ascii.ts";
import type { Depth, Look } from "./look.ts";
import { themes } from "./theme.ts";

/** Lines as they are written to the terminal, each exactly `columns` cells: the only place where escape sequences are made. */
export function paintLines(lines: readonly Line[], look: Look): string[] {
  return lines.map((line) => paintLine(line, look));
}

function paintLine(line: Line, look: Look): string {
  let painted = "";
  let before = "";
  for (const segment of fitLine(line, look.columns)) {
    const codes = codesOf(segment, look);
    // one sequence where the style changes; what was set before is reset in it
    if (codes !== before) painted += `\u001b[0${codes === "" ? "" : `;${codes}`}m`;
    before = codes;
    painted +=
      segment.picture !== undefined
        ? placeholders(segment.picture.row, cellsOf(segment.text))
        : look.ascii
          ? toAscii(segment.text)
          : segment.text;
  }
  return before === "" ? painted : `${painted}\u001b[0m`;
}

function codesOf(
  { role = "text", bold, underline, inverse, fg, bg, picture }: Segment,
  { theme, background, depth }: Look,
): string {
  // the colour is the number of the picture
  if (picture !== undefined) return `38;2;${picture.id >> 16};${(picture.id >> 8) & 255};${picture.id & 255}`;
  const paint = themes[theme][background][role];
  const codes: string[] = [];
  if (bold || paint?.bold) codes.push("1");
  if (underline) codes.push("4");
  if (inverse) codes.push("7");
  if (depth !== "none") {
    if (fg !== undefined) codes.push(colour(fg, depth, 38));
    else if (paint?.colour !== undefined)
      codes.push(depth === "16" ? String(paint.colour.ansi) : colour(paint.colour.rgb, depth, 38));
    if (bg !== undefined) codes.push(colour(bg, depth, 48));
  }
  return codes.join(";");
}

function colour(rgb: Rgb, depth: Depth, base: 38 | 48): string {
  if (depth === "rgb") return `${base};2;${rgb.join(";")}`;
  if (depth === "256") return `${base};5;${nearest256(rgb)}`;
  return String(base - 8 + nearest16(rgb));
}

/** The 6 × 6 × 6 cube and the 24 greys of xterm. */
function nearest256([red, green, blue]: Rgb): number {
  if (Math.max(red, green, blue) - Math.min(red, green, blue) < 12) {
    const grey = Math.round((red + green + blue) / 3);
    return grey < 4 ? 16 : grey > 246 ? 231 : 232 + Math.min(23, Math.round((grey - 8) / 10));
  }
  const level = (value: number) =>
    value < 48 ? 0 : value < 115 ? 1 : Math.min(5, Math.floor((value - 35) / 40));
  return 16 + 36 * level(red) + 6 * level(green) + level(blue);
}

function nearest16([red, green, blue]: Rgb): number {
  return (red > 127 ? 1 : 0) + (green > 127 ? 2 : 0) + (blue > 127 ? 4 : 0);
}
