import { readSafetensors } from "@mede2/safetensors";
import { expect, test } from "vitest";
import { goldenJson, goldenPath } from "../../test/support/goldens.ts";
import { type DecodedImage, resizeBicubic } from "./resize.ts";
import { smartResize } from "./smart-resize.ts";

const file = readSafetensors(goldenPath("qwen2-5-vl/image-processor.safetensors"));
const names = [...file.entries.keys()]
  .filter((k) => k.endsWith(".image"))
  .map((k) => k.slice(0, -".image".length));

test.each(names)("bytes equal Pillow's bicubic: %s", (name) => {
  const { shape, data } = file.tensor(`${name}.image`);
  const [height, width, channels] = shape as [number, number, 1 | 3];
  const resized = file.tensor(`${name}.resized`);
  const [toHeight, toWidth] = resized.shape as [number, number, 3];
  const found = resizeBicubic({ width, height, channels, data: data as Uint8Array }, toHeight, toWidth);
  const wanted = resized.data as Uint8Array;
  const expected = channels === 3 ? wanted : wanted.filter((_, i) => i % 3 === 0);
  expect(Buffer.compare(found.data, expected)).toBe(0);
});

test("smartResize as transformers", () => {
  type Row = [
    factor: number,
    min: number,
    max: number,
    height: number,
    width: number,
    size: [number, number] | null,
  ];
  const { rows } = goldenJson<{ rows: Row[] }>("qwen2-5-vl/smart-resize.json");
  expect(rows.length).toBeGreaterThan(200);
  for (const [factor, minPixels, maxPixels, height, width, size] of rows) {
    const found = (): unknown => smartResize(height, width, { factor, minPixels, maxPixels });
    if (size === null) expect(found).toThrow(/200 times/);
    else expect(found()).toEqual({ height: size[0], width: size[1] });
  }
});

test("a picture of the wrong length is an error", () => {
  const image: DecodedImage = { width: 4, height: 4, channels: 3, data: new Uint8Array(47) };
  expect(() => resizeBicubic(image, 2, 2)).toThrow(/needs 48 bytes, found 47/);
});
