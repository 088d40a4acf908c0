import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeImage } from "./decode-image.ts";
import { type DecodedImage, toGrey, toRgb } from "./decoded-image.ts";
import { differenceHash, hammingDistance } from "./difference-hash.ts";
import { blankImage, noiseImage } from "./image-variants.ts";
import { swapPartners } from "./swap-partners.ts";

const film = await decodeImage(
  new Uint8Array(readFileSync(new URL("../test/goldens/film.png", import.meta.url))),
);
const rgba: DecodedImage = {
  width: 2,
  height: 1,
  channels: 4,
  data: Uint8Array.of(0, 30, 60, 9, 90, 120, 150, 9),
};
const mean = (data: Uint8Array) => data.reduce((sum, value) => sum + value, 0) / data.length;

it("blankImage is the mean grey at the same size", () => {
  expect(blankImage(rgba)).toEqual({ ...rgba, data: Uint8Array.of(75, 75, 75, 255, 75, 75, 75, 255) });
  expect(new Set(blankImage(film).data)).toEqual(new Set([Math.round(mean(film.data))]));
});

describe("noiseImage", () => {
  it("has the image's moments and none of its content", () => {
    const noise = noiseImage(film, 1);
    expect(Math.abs(mean(noise.data) - mean(film.data))).toBeLessThan(4);
    const covariance = film.data.reduce(
      (sum, value, at) => sum + (value - mean(film.data)) * (noise.data[at]! - mean(noise.data)),
      0,
    );
    const variance = (data: Uint8Array) => data.reduce((sum, value) => sum + (value - mean(data)) ** 2, 0);
    expect(Math.abs(covariance / Math.sqrt(variance(film.data) * variance(noise.data)))).toBeLessThan(0.06);
    expect(variance(noise.data) / variance(film.data)).toBeGreaterThan(0.8);
    expect(variance(noise.data) / variance(film.data)).toBeLessThan(1.2);
  });
  it("depends on seed and dose only, and keeps alpha", () => {
    expect(noiseImage(film, 5)).toEqual(noiseImage(film, 5));
    expect(noiseImage(film, 5)).not.toEqual(noiseImage(film, 6));
    expect(noiseImage(film, 5, 0)).toEqual(film);
    expect([...noiseImage(rgba, 1).data].filter((_, at) => at % 4 === 3)).toEqual([9, 9]);
    expect(() => noiseImage(film, 1, 2)).toThrowError(RangeError);
  });
});

describe("swapPartners", () => {
  it("is a permutation within the group and never gives the own image, when that is possible", () => {
    const item = fc.record({
      key: fc.constantFrom("a", "b", "c", "d", "e"),
      group: fc.constantFrom("x", "y"),
    });
    fc.assert(
      fc.property(fc.array(item, { maxLength: 30 }), fc.integer(), (items, seed) => {
        const partners = swapPartners(items, seed);
        expect(partners).toEqual(swapPartners(items, seed));
        const distinct = new Set(items.map(({ key }) => key)).size;
        for (const [index, partner] of partners.entries())
          if (distinct > 1) expect(items[partner]!.key).not.toBe(items[index]!.key);
        for (const group of new Set(items.map((one) => one.group))) {
          const members = items.flatMap((one, index) => (one.group === group ? [index] : []));
          const counts = [...new Set(members.map((index) => items[index]!.key))].map(
            (key) => members.filter((index) => items[index]!.key === key).length,
          );
          if (counts.length > 1)
            for (const index of members) expect(items[partners[index]!]!.group).toBe(group);
          if (Math.max(...counts) * 2 <= members.length)
            expect(members.map((index) => partners[index]!).sort((a, b) => a - b)).toEqual(members);
        }
      }),
    );
  });
  it("says by the own index that all images are the same", () =>
    expect(
      swapPartners(
        [
          { key: "a", group: "x" },
          { key: "a", group: "x" },
        ],
        1,
      ),
    ).toEqual([0, 1]));
  it("depends on the seed", () => {
    const items = Array.from({ length: 50 }, (_, index) => ({ key: String(index), group: "x" }));
    expect(swapPartners(items, 1)).not.toEqual(swapPartners(items, 2));
  });
});

describe("differenceHash", () => {
  const scaled = (image: DecodedImage, by: number): DecodedImage => {
    const [width, height] = [image.width * by, image.height * by];
    return {
      width,
      height,
      channels: 1,
      data: Uint8Array.from(
        { length: width * height },
        (_, at) => image.data[Math.floor(at / width / by) * image.width + Math.floor((at % width) / by)]!,
      ),
    };
  };
  it("reads bits from the most significant, row by row", () => {
    const image = (row: number[]): DecodedImage => ({
      width: 9,
      height: 8,
      channels: 1,
      data: Uint8Array.from({ length: 72 }, (_, at) => (at < 9 ? row[at]! : 0)),
    });
    expect(differenceHash(image([0, 9, 9, 5, 6, 0, 0, 0, 1]))).toBe(0b10010001n << 56n);
    expect(differenceHash(image([7, 7, 7, 7, 7, 7, 7, 7, 7]))).toBe(0n);
  });
  it("survives scaling, colour and brightness, and tells images apart", () => {
    const hash = differenceHash(film);
    expect(differenceHash(scaled(film, 3))).toBe(hash);
    expect(differenceHash(toRgb(film))).toBe(hash);
    expect(
      hammingDistance(hash, differenceHash({ ...film, data: film.data.map((value) => value * 0.8) })),
    ).toBeLessThanOrEqual(3);
    expect(hammingDistance(hash, differenceHash(noiseImage(film, 1)))).toBeGreaterThan(15);
    expect(differenceHash({ width: 1, height: 1, channels: 1, data: Uint8Array.of(7) })).toBe(0n);
  });
  it("counts differing bits", () => {
    expect(hammingDistance(0n, 2n ** 64n - 1n)).toBe(64);
    expect(hammingDistance(0b1011n, 0b0001n)).toBe(2);
  });
});

it("toGrey has PIL's weights", () => {
  expect(
    toGrey({ width: 3, height: 1, channels: 3, data: Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255) }).data,
  ).toEqual(Uint8Array.of(76, 150, 29));
});
