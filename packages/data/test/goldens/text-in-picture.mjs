// Draws text-in-picture.png: a grey film with printed letters, as an annotated picture has them.
//   node text-in-picture.mjs      with sharp 0.35.5 and the font DejaVu Sans; run it from packages/images, where sharp is
import { createRequire } from "node:module";
import { join } from "node:path";

const sharp = createRequire(join(process.cwd(), "package.json"))("sharp");
const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="420" height="300">
  <defs><radialGradient id="g"><stop offset="0" stop-color="#777"/><stop offset="1" stop-color="#222"/></radialGradient></defs>
  <rect width="420" height="300" fill="url(#g)"/>
  <text x="20" y="40" font-family="DejaVu Sans" font-size="24" fill="#fff">PORTABLE UPRIGHT</text>
  <text x="120" y="270" font-family="DejaVu Sans" font-size="24" fill="#fff">left pleural effusion</text>
</svg>`;
await sharp(Buffer.from(svg)).greyscale().png().toFile(new URL("text-in-picture.png", import.meta.url).pathname);
