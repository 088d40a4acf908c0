import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeImage, imageInfo } from "./decode-image.ts";
import type { DecodedImage } from "./decoded-image.ts";
import { encodePng } from "./encode-png.ts";
import { ImageError } from "./image-error.ts";

const goldens = new URL("../test/goldens/", import.meta.url);
const bytesOf = (name: string) => new Uint8Array(readFileSync(new URL(name, goldens)));
const { versions: _, ...pixels } = JSON.parse(
  readFileSync(new URL("pixels.json", goldens), "utf8"),
) as Record<string, Omit<DecodedImage, "data"> & { data: number[] }>;

describe("decodeImage gives the pixels that PIL gives", () => {
  it.each(Object.keys(pixels))("%s", async (name) => {
    const { data: expected, ...shape } = pixels[name]!;
    const { data, ...actual } = await decodeImage(bytesOf(name));
    expect(actual).toEqual(shape);
    const worst = Math.max(...expected.map((value, at) => Math.abs(value - data[at]!)));
    expect(data.length).toBe(expected.length);
    expect(worst).toBeLessThanOrEqual(name.endsWith(".jpg") ? 2 : 0); // inverse DCTs differ by rounding
  });
});

it("imageInfo tells format and displayed size from the header", async () => {
  expect(await imageInfo(bytesOf("rotated.jpg"))).toEqual({ mime: "image/jpeg", width: 8, height: 16 });
  expect(await imageInfo(bytesOf("rgb.webp"))).toEqual({ mime: "image/webp", width: 5, height: 3 });
});

describe("what cannot be decoded is an error with a name", () => {
  it("too many pixels, before decoding", async () => {
    await expect(decodeImage(bytesOf("rgb.png"), { maxPixels: 14 })).rejects.toMatchObject({
      code: "IMAGE_TOO_LARGE",
    });
  });
  it("cut off", async () => {
    await expect(decodeImage(bytesOf("film.png").subarray(0, 900))).rejects.toMatchObject({
      code: "IMAGE_UNREADABLE",
    });
    await expect(decodeImage(bytesOf("grey.jpg").subarray(0, 60))).rejects.toMatchObject({
      code: "IMAGE_UNREADABLE",
    });
  });
  it.each([
    ["text", Buffer.from("<svg xmlns='http://www.w3.org/2000/svg'/>")],
    ["nothing", new Uint8Array()],
    ["a GIF", Buffer.from("GIF89a")],
  ])("%s", async (_name, bytes) => {
    await expect(decodeImage(bytes)).rejects.toMatchObject({ code: "IMAGE_FORMAT_UNSUPPORTED" });
  });
  it("any damage", async () => {
    const bytes = bytesOf("rgb.png");
    await fc.assert(
      fc.asyncProperty(
        fc.nat(bytes.length - 1),
        fc.nat(255),
        fc.integer({ min: 1, max: bytes.length }),
        async (at, value, length) => {
          const damaged = bytes.slice(0, length);
          damaged[Math.min(at, length - 1)] = value;
          await decodeImage(damaged).catch((error: unknown) => expect(error).toBeInstanceOf(ImageError));
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe("encodePng", () => {
  it("round-trips every number of channels", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(1, 3, 4),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 12 }),
        fc.infiniteStream(fc.nat(255)),
        async (channels, width, height, stream) => {
          const data = Uint8Array.from(
            { length: width * height * channels },
            () => stream.next().value as number,
          );
          const image: DecodedImage = { width, height, channels: channels as 1 | 3 | 4, data };
          const { data: back, ...shape } = await decodeImage(await encodePng(image));
          expect(shape).toEqual({ width, height, channels });
          expect([...back]).toEqual([...data]);
        },
      ),
      { numRuns: 60 },
    );
  });
  it("gives the same bytes on every machine (a change here changes the hashes of every generated image)", async () => {
    const { createHash } = await import("node:crypto");
    const png = await encodePng(await decodeImage(bytesOf("film.png")));
    expect(createHash("sha256").update(png).digest("hex")).toBe(
      "08b9e8d4f06df51fc08d8c85182d94ca46dd0e0e9e885191aec9451fa80a9316",
    );
    expect(png.length).toBeLessThan(bytesOf("film.png").length * 1.05);
  });
  it("refuses data of the wrong length", async () => {
    await expect(
      encodePng({ width: 2, height: 2, channels: 3, data: new Uint8Array(4) }),
    ).rejects.toMatchObject({ code: "IMAGE_INVALID" });
  });
});
