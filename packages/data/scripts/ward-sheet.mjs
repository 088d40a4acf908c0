// Draws docs/images/ward-sheet.png: four pictures of every appearance in the ward, with its name beside them.
// Run after a build:  node packages/data/scripts/ward-sheet.mjs [first seed] [file]
import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { renderWardImage, wardAppearances } from "../dist/ward/images/index.js";

// sharp belongs to @mede2/images, the package that decodes pictures.
const sharp = createRequire(new URL("../../images/package.json", import.meta.url))("sharp");

const first = Number(process.argv[2] ?? 1);
const file =
  process.argv[3] ?? fileURLToPath(new URL("../../../docs/images/ward-sheet.png", import.meta.url));
const drawn = 112;
const size = 90;
const gap = 3;
const label = 112;
const across = 4;
const appearances = wardAppearances();
const rows = appearances.length / 2;
const column = label + across * (size + gap);
const width = 2 * column + gap;
const height = rows * (size + gap) + gap;

const pictures = [];
const names = [];
for (const [i, appearance] of appearances.entries()) {
  const left = Math.floor(i / rows) * column + gap;
  const top = (i % rows) * (size + gap) + gap;
  const text = [appearance.kind, appearance.finding, appearance.modifier].map(
    (line, k) =>
      `<text x="${left + 2}" y="${top + 36 + 15 * k}" font-weight="${k === 1 ? 600 : 400}">${line}</text>`,
  );
  names.push(...text);
  for (let k = 0; k < across; k++) {
    const { data } = renderWardImage({ ...appearance, seed: first + k });
    const raw = { width: drawn, height: drawn, channels: 1 };
    const input = await sharp(Buffer.from(data), { raw }).resize(size, size).png().toBuffer();
    pictures.push({ input, left: left + label + k * (size + gap), top });
  }
}
const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="12">${names.join("")}</svg>`;
await mkdir(dirname(file), { recursive: true });
await sharp({ create: { width, height, channels: 3, background: "#ffffff" } })
  .composite([{ input: Buffer.from(svg) }, ...pictures])
  .greyscale()
  .png({ palette: true, colours: 16, dither: 0, compressionLevel: 9, effort: 10 })
  .toFile(file);
