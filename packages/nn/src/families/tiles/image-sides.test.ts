import { readSafetensors } from "@mede2/safetensors";
import { expect, it } from "vitest";
import { goldenJson, goldenPath } from "../../../test/support/goldens.ts";
import type { Tokenizer } from "../../text/tokenizer.ts";
import { readInternVlConfig } from "../internvl/config.ts";
import { internVlImageSide } from "../internvl/image-side.ts";
import { readSmolVlmConfig } from "../smolvlm/config.ts";
import { smolVlmImageSide } from "../smolvlm/image-side.ts";
import { tilePatches } from "./tiles.ts";

type Picture = {
  readonly height: number;
  readonly width: number;
  readonly tiles: number;
  readonly rows?: number;
  readonly columns?: number;
  readonly text?: string;
};
const golden = goldenJson<Record<string, { processor: object; pictures: Picture[] }>>(
  "families/tiles/settings.json",
);

/** Special tokens in angle brackets and single characters: enough to read what an image is written as. */
const vocabulary = new Map<string, number>();
const idOf = (token: string): number => {
  if (token === "<image>") return 90;
  const known = vocabulary.get(token) ?? 100 + vocabulary.size;
  vocabulary.set(token, known);
  return known;
};
const tokenizer = {
  idOf,
  tokenOf: (id: number) => (id === 90 ? "<image>" : undefined),
  encode: (text: string) => (text.match(/<[^>]+>|[\s\S]/g) ?? []).map(idOf),
} as unknown as Tokenizer;

const internVl = readInternVlConfig(goldenJson("families/internvl/config.json"));
const smolVlm = readSmolVlmConfig("smolvlm", goldenJson("families/smolvlm/config.json"));
const sides = {
  internvl: internVlImageSide(golden.internvl!.processor, "x", internVl, tokenizer),
  smolvlm: smolVlmImageSide(golden.smolvlm!.processor, "x", smolVlm, tokenizer),
  "smolvlm-whole": smolVlmImageSide(golden["smolvlm-whole"]!.processor, "x", smolVlm, tokenizer),
} as const;

const cases = Object.keys(sides).flatMap((name) =>
  golden[name]!.pictures.map((picture, i) => [name, i, picture] as const),
);

it.each(cases)("%s, picture %i: tiles and pixels as transformers with PIL", (name, i, picture) => {
  const file = readSafetensors(goldenPath(`families/tiles/${name}.safetensors`));
  const { height, width } = picture;
  const data = file.tensor(`${i}.image`).data as Uint8Array;
  const side = sides[name as keyof typeof sides];
  const { pixelValues, grid } = side.process({ height, width, channels: 3, data });
  expect(grid[0]).toBe(picture.tiles);
  expect(grid).toEqual(side.gridOf(height, width));
  if (picture.rows !== undefined) expect(grid.slice(1)).toEqual([picture.rows, picture.columns]);
  if (picture.text !== undefined) expect(side.expand(grid)).toEqual(tokenizer.encode(picture.text));
  const theirs = file.tensor(`${i}.pixel_values`).data as Float32Array;
  const size = theirs.length / picture.tiles;
  const { vision } = name === "internvl" ? internVl : smolVlm;
  let worst = 0;
  for (let tile = 0; tile < picture.tiles; tile++) {
    const patches = tilePatches(theirs.subarray(tile * size, (tile + 1) * size), vision);
    patches.forEach((x, k) => {
      worst = Math.max(worst, Math.abs(x - pixelValues[tile * size + k]!));
    });
  }
  expect(worst).toBeLessThan(1e-6);
});

it("InternVL writes an image between its opening and closing tokens", () => {
  const tokens = sides.internvl.expand([3, 1, 2]);
  expect(tokens.length).toBe(2 + 3 * 4);
  expect([tokens[0], tokens.at(-1)]).toEqual([idOf("<img>"), idOf("</img>")]);
});

it("a processor of another model is refused", () => {
  const larger = { size: { height: 32, width: 32 } };
  expect(() => internVlImageSide(larger, "x", internVl, tokenizer)).toThrow(
    /size is 32, image_size .* is 16/,
  );
  expect(() => smolVlmImageSide({}, "x", smolVlm, tokenizer)).toThrow(/max_image_size is 364/);
  expect(() => internVlImageSide({ resample: 2 }, "x", internVl, tokenizer)).toThrow(/resample is 2/);
});
