// Turns a terminal capture with its colours (`tmux capture-pane -e -p`) into an SVG picture for the documentation.
//   tmux capture-pane -e -p > screen.ansi; node packages/tui/bench/screen-svg.mjs screen.ansi COLUMNS > screen.svg
// Blocks, braille and frames are drawn as shapes: they look the same whatever fonts a reader has.
import { readFileSync } from "node:fs";

const [file, columnsText] = process.argv.slice(2);
if (file === undefined || columnsText === undefined) {
  console.error("usage: screen-svg.mjs CAPTURE COLUMNS");
  process.exit(2);
}
const columns = Number(columnsText);
const [cellWidth, cellHeight, fontSize] = [8.4, 17, 14];
const palette = [
  "#1d1f21",
  "#cc6666",
  "#7fb86a",
  "#e0b04a",
  "#6c99bb",
  "#b294bb",
  "#5ab9d0",
  "#c5c8c6",
  "#8c8c8c",
  "#f55f5a",
  "#95d37c",
  "#f0e442",
  "#81a2be",
  "#cc79a7",
  "#70c0d0",
  "#ffffff",
];
const plain = { fg: undefined, bg: undefined, bold: false, underline: false, inverse: false };

function colourOf(codes, at) {
  if (codes[at] === 2) return [`rgb(${codes.slice(at + 1, at + 4).join(",")})`, at + 3];
  const index = codes[at + 1];
  if (index < 16) return [palette[index], at + 1];
  if (index >= 232)
    return [
      `rgb(${Array(3)
        .fill(8 + 10 * (index - 232))
        .join(",")})`,
      at + 1,
    ];
  const level = (value) => (value === 0 ? 0 : 55 + 40 * value);
  const cube = index - 16;
  return [`rgb(${[Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map(level).join(",")})`, at + 1];
}

function styled(style, codes) {
  let next = { ...style };
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at];
    if (code === 0) next = { ...plain };
    else if (code === 1) next.bold = true;
    else if (code === 4) next.underline = true;
    else if (code === 7) next.inverse = true;
    else if (code === 22) next.bold = false;
    else if (code === 24) next.underline = false;
    else if (code === 27) next.inverse = false;
    else if (code === 39) next.fg = undefined;
    else if (code === 49) next.bg = undefined;
    else if (code === 38 || code === 48) [next[code === 38 ? "fg" : "bg"], at] = colourOf(codes, at + 1);
    else if (code >= 30 && code <= 37) next.fg = palette[code - 30];
    else if (code >= 40 && code <= 47) next.bg = palette[code - 40];
    else if (code >= 90 && code <= 97) next.fg = palette[code - 82];
  }
  return next;
}

const escaped = (text) =>
  text.replace(/[&<>]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[sign]);
const lines = readFileSync(file, "utf8").replace(/\n$/, "").split("\n");
const [width, height] = [Math.ceil(columns * cellWidth) + 16, lines.length * cellHeight + 16];
const shapes = [];
/** Dots and strokes by colour, as the data of one path each. */
const dots = new Map();
const strokes = new Map();
const add = (paths, colour, data) => paths.set(colour, (paths.get(colour) ?? "") + data);

/** The eight dots of a braille cell. */
function drawBraille(character, x, y, colour) {
  const bits = character.codePointAt(0) - 0x2800;
  for (const [bit, [column, row]] of [
    [0, [0, 0]],
    [1, [0, 1]],
    [2, [0, 2]],
    [3, [1, 0]],
    [4, [1, 1]],
    [5, [1, 2]],
    [6, [0, 3]],
    [7, [1, 3]],
  ])
    if (bits & (1 << bit))
      add(
        dots,
        colour,
        `M${(x + 1.1 + column * 4.2).toFixed(1)} ${(y + 1.1 + row * 4.25).toFixed(1)}h2v2h-2z`,
      );
}

/** From the middle of the cell to the sides that a sign of a frame reaches: left, right, up, down. */
const frames = { "─": "lr", "│": "ud", "┌": "rd", "┐": "ld", "└": "ru", "┘": "lu" };
function drawFrame(character, x, y, colour) {
  const [middleX, middleY] = [x + cellWidth / 2, y + cellHeight / 2];
  const ends = {
    l: [x, middleY],
    r: [x + cellWidth, middleY],
    u: [middleX, y],
    d: [middleX, y + cellHeight],
  };
  for (const side of frames[character])
    add(
      strokes,
      colour,
      `M${middleX.toFixed(1)} ${middleY.toFixed(1)}L${ends[side].map((value) => value.toFixed(1)).join(" ")}`,
    );
}

const texts = [];
for (const [row, line] of lines.entries()) {
  let [style, column] = [plain, 0];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is read
  for (const part of line.split(/(\u001b\[[0-9;]*m)/)) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: as above
    const code = /^\u001b\[([0-9;]*)m$/.exec(part);
    if (code !== null) {
      style = styled(style, code[1].split(";").map(Number));
      continue;
    }
    const [front, back] = style.inverse
      ? [style.bg ?? "#16181a", style.fg ?? "#c5c8c6"]
      : [style.fg ?? "#c5c8c6", style.bg];
    let run = "";
    const start = column;
    for (const character of part) {
      const [x, y] = [8 + column * cellWidth, 8 + row * cellHeight];
      const rectangle = (top, share, fill) =>
        shapes.push(
          `<rect x="${x.toFixed(1)}" y="${(y + top * cellHeight).toFixed(1)}" width="${(cellWidth + 0.3).toFixed(1)}" height="${(share * cellHeight + 0.3).toFixed(1)}" fill="${fill}"/>`,
        );
      if (character === "▀") {
        if (back !== undefined) rectangle(0, 1, back);
        rectangle(0, 0.5, front);
      } else if (character === "█") rectangle(0, 1, front);
      else if (back !== undefined) rectangle(0, 1, back);
      const braille = character >= "\u2801" && character <= "\u28ff";
      if (braille) drawBraille(character, x, y, front);
      else if (frames[character] !== undefined) drawFrame(character, x, y, front);
      run +=
        character === "▀" || character === "█" || braille || frames[character] !== undefined
          ? " "
          : character;
      column += 1;
    }
    if (run.trim() === "") continue;
    // each character has its place: no font decides the width of the others
    const places = Array.from({ length: [...run].length }, (_, index) =>
      (8 + (start + index) * cellWidth).toFixed(1),
    ).join(" ");
    const marks = `${style.bold ? ' font-weight="bold"' : ""}${style.underline ? ' text-decoration="underline"' : ""}`;
    texts.push(
      `<text x="${places}" y="${(8 + row * cellHeight + 13).toFixed(1)}" fill="${front}"${marks} xml:space="preserve">${escaped(run)}</text>`,
    );
  }
}
console.log(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="${fontSize}">
<rect width="100%" height="100%" rx="6" fill="#16181a"/>
${shapes.join("\n")}
${[...dots].map(([colour, data]) => `<path fill="${colour}" d="${data}"/>`).join("\n")}
${[...strokes].map(([colour, data]) => `<path stroke="${colour}" fill="none" d="${data}"/>`).join("\n")}
${texts.join("\n")}
</svg>`);
