/** Colours of a terminal that are named by number: xterm's, with a readable blue. */
const named = ["#1d1f21", "#cc6666", "#5fbf72", "#e0b050", "#5a9de0", "#b294bb", "#5ab9c8", "#c5c8c6"];
const bright = ["#767a7e", "#e58080", "#7fd791", "#f0c674", "#81b5ee", "#cba6d6", "#7fd3e0", "#ffffff"];

function indexed(n) {
  if (n < 16) return n < 8 ? named[n] : bright[n - 8];
  if (n >= 232) return `#${(8 + (n - 232) * 10).toString(16).padStart(2, "0").repeat(3)}`;
  const level = (it) => (it === 0 ? 0 : 55 + it * 40).toString(16).padStart(2, "0");
  const at = n - 16;
  return `#${level(Math.floor(at / 36))}${level(Math.floor(at / 6) % 6)}${level(at % 6)}`;
}

const plain = {
  fg: null,
  bg: null,
  bold: false,
  dim: false,
  italic: false,
  underline: false,
  reverse: false,
};
const flags = {
  1: ["bold", true],
  2: ["dim", true],
  3: ["italic", true],
  4: ["underline", true],
  7: ["reverse", true],
};
const ends = {
  22: ["bold", "dim"],
  23: ["italic"],
  24: ["underline"],
  27: ["reverse"],
  39: ["fg"],
  49: ["bg"],
};

/** The style after one SGR sequence, such as "1;38;5;208". */
export function styled(style, sequence) {
  let next = { ...style };
  const codes = (sequence === "" ? "0" : sequence).split(/[;:]/).map(Number);
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at];
    if (code === 0) next = { ...plain };
    else if (flags[code]) next[flags[code][0]] = flags[code][1];
    else if (ends[code]) for (const key of ends[code]) next[key] = plain[key];
    else if (code === 38 || code === 48) {
      const key = code === 38 ? "fg" : "bg";
      if (codes[at + 1] === 5) next[key] = indexed(codes[at + 2]);
      else
        next[key] = `#${codes
          .slice(at + 2, at + 5)
          .map((it) => it.toString(16).padStart(2, "0"))
          .join("")}`;
      at += codes[at + 1] === 5 ? 2 : 4;
    } else if (code >= 30 && code < 38) next.fg = named[code - 30];
    else if (code >= 40 && code < 48) next.bg = named[code - 40];
    else if (code >= 90 && code < 98) next.fg = bright[code - 90];
    else if (code >= 100 && code < 108) next.bg = bright[code - 100];
  }
  return next;
}

/** Colours and looks, other sequences (titles, links), and signs. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is read
const signs = /\u001b\[([\d;:]*)m|\u001b[\](][^\u0007\u001b]*(?:\u0007|\u001b\\)?|([^\u001b])/gu;

/** The cells of a screen that `tmux capture-pane -e -p` printed: rows of {sign, style}. Signs are one column wide, as all of ours are. */
export function cellsOf(capture) {
  let style = plain;
  return capture
    .replace(/\n$/, "")
    .split("\n")
    .map((line) => {
      const row = [];
      for (const [, sequence, sign] of line.matchAll(signs)) {
        if (sequence !== undefined) style = styled(style, sequence);
        else if (sign !== undefined) row.push({ sign, style });
      }
      return row;
    });
}

const page = { fg: "#c5c8c6", bg: "#16181a" };
const [W, H, EDGE] = [8.4, 17, 8];
const round = (value) => Number(value.toFixed(2));

/** Colours of a cell as it is seen. */
function seen({ fg, bg, reverse, dim }) {
  const [ink, ground] = [fg ?? page.fg, bg ?? (reverse ? page.bg : null)];
  return reverse ? { ink: ground ?? page.bg, ground: ink, dim } : { ink, ground, dim };
}

const eighths = "▁▂▃▄▅▆▇█";
const lefts = "▏▎▍▌▋▊▉█";

/** The part of a cell that a block sign fills, [x, y, width, height] from 0 to 1, or null for other signs. */
function block(sign) {
  if (sign === "▀") return [0, 0, 1, 0.5];
  if (eighths.includes(sign)) {
    const part = (eighths.indexOf(sign) + 1) / 8;
    return [0, 1 - part, 1, part];
  }
  return lefts.includes(sign) ? [0, 0, (lefts.indexOf(sign) + 1) / 8, 1] : null;
}

/** The signs that boxes are drawn with, and where each leads from its middle: up, right, down, left. */
const lines = {
  "─": "rl",
  "│": "ud",
  "┌": "rd",
  "┐": "dl",
  "└": "ur",
  "┘": "ul",
  "├": "urd",
  "┤": "udl",
  "┬": "rdl",
  "┴": "url",
  "┼": "urdl",
};

/** Such a sign as a path inside a cell at (x, y), so that boxes close whatever the font. */
function lineOf(sign, x, y) {
  const [width, height] = [W / 2, H / 2];
  const [left, top] = [round(x + width - 0.6), round(y + height - 0.6)];
  const parts = {
    u: `M${left} ${round(y)}h1.2v${round(height + 0.6)}h-1.2z`,
    d: `M${left} ${top}h1.2v${round(height + 0.6)}h-1.2z`,
    l: `M${round(x)} ${top}h${round(width + 0.6)}v1.2h${round(-width - 0.6)}z`,
    r: `M${left} ${top}h${round(width + 0.6)}v1.2h${round(-width - 0.6)}z`,
  };
  return [...lines[sign]].map((way) => parts[way]).join("");
}

/** The eight dots of a braille sign, as a path inside a cell at (x, y). */
function dots(sign, x, y) {
  const bits = sign.codePointAt(0) - 0x2800;
  const places = [
    [0, 0],
    [0, 1],
    [0, 2],
    [1, 0],
    [1, 1],
    [1, 2],
    [0, 3],
    [1, 3],
  ];
  return places
    .filter((_, bit) => bits & (1 << bit))
    .map(
      ([column, row]) =>
        `M${round(x + (column + 0.28) * (W / 2))} ${round(y + (row + 0.25) * (H / 4))}h2v2h-2z`,
    )
    .join("");
}

const escaped = (text) => text.replace(/[&<>]/g, (it) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[it]);

/** Neighbours of a row that `key` gives the same, as [from, to, key]; cells without a key are left out. */
function runsOf(row, key) {
  const runs = [];
  row.forEach((cell, at) => {
    const value = key(cell);
    const last = runs.at(-1);
    if (value === null) return;
    if (last && last[1] === at && last[2] === value) last[1] = at + 1;
    else runs.push([at, at + 1, value]);
  });
  return runs;
}

/** A captured screen as an SVG drawing of `columns` columns, its text selectable, its blocks without seams. */
export function terminalSvg(capture, { columns = 120, title }) {
  const rows = cellsOf(capture);
  const out = [];
  const paths = new Map();
  const fill = (colour, d) => paths.set(colour, (paths.get(colour) ?? "") + d);
  const box = (x, y, width, height) =>
    `M${round(x)} ${round(y)}h${round(width)}v${round(height)}h${round(-width)}z`;
  rows.forEach((row, line) => {
    const top = EDGE + line * H;
    for (const [from, to, colour] of runsOf(row, ({ style }) => seen(style).ground))
      fill(`g${colour}`, box(EDGE + from * W, top, (to - from) * W, H));
    for (const [from, to, key] of runsOf(row, ({ sign, style }) =>
      block(sign) ? `${sign} ${seen(style).ink}` : null,
    )) {
      const [x, y, width, height] = block([...key][0]);
      const whole = width === 1 ? (to - from) * W : width * W;
      for (let at = from; at < (width === 1 ? from + 1 : to); at++)
        fill(
          `b${key.slice([...key][0].length + 1)}`,
          box(EDGE + (at + x) * W, top + y * H, whole, height * H),
        );
    }
    row.forEach(({ sign, style }, at) => {
      if (/[\u2801-\u28ff]/.test(sign)) fill(`b${seen(style).ink}`, dots(sign, EDGE + at * W, top));
      if (lines[sign]) fill(`b${seen(style).ink}`, lineOf(sign, EDGE + at * W, top));
    });
    const text = ({ sign, style }) => {
      if (sign === " " || lines[sign] || block(sign) || /[\u2800-\u28ff]/.test(sign)) return null;
      const { ink, dim } = seen(style);
      return [
        ink,
        dim ? "d" : "",
        style.bold ? "b" : "",
        style.italic ? "i" : "",
        style.underline ? "u" : "",
      ].join(" ");
    };
    // One space between words of the same look belongs to the run.
    const joined = row.map((cell, at) =>
      cell.sign === " " && text(row[at - 1] ?? cell) && text(row[at - 1]) === text(row[at + 1] ?? cell)
        ? { ...cell, key: text(row[at - 1]) }
        : { ...cell, key: text(cell) },
    );
    for (const [from, to, key] of runsOf(joined, (cell) => cell.key)) {
      const [ink, ...looks] = key.split(" ");
      const signs = row.slice(from, to).map(({ sign }) => sign);
      const look = [
        looks.includes("b") ? ' font-weight="bold"' : "",
        looks.includes("i") ? ' font-style="italic"' : "",
        looks.includes("u") ? ' text-decoration="underline"' : "",
        looks.includes("d") ? ' opacity="0.65"' : "",
      ].join("");
      out.push(
        `<text x="${round(EDGE + from * W)}" y="${round(top + 13)}" textLength="${round((to - from) * W)}" fill="${ink}"${look}>${escaped(signs.join(""))}</text>`,
      );
    }
  });
  const [width, height] = [round(columns * W + 2 * EDGE), rows.length * H + 2 * EDGE];
  const shapes = [...paths]
    .sort(([a], [b]) => b.charCodeAt(0) - a.charCodeAt(0)) // grounds before blocks
    .map(([key, d]) => `<path fill="${key.slice(1)}" d="${d}"/>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="14" role="img">
<title>${escaped(title)}</title>
<rect width="100%" height="100%" rx="6" fill="${page.bg}"/>
<g shape-rendering="crispEdges">
${shapes.join("\n")}
</g>
<g xml:space="preserve" lengthAdjust="spacingAndGlyphs">
${out.join("\n")}
</g>
</svg>
`;
}
