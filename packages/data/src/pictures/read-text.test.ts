import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodePng, openImageStore } from "@mede2/images";
import { writeJsonlAtomic } from "@mede2/schemas";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aPicture, aQuestion } from "../../test/support/questions.ts";
import { textInPicture } from "../filters/text-in-picture.ts";
import { type PictureReader, tesseractReader } from "./read-text.ts";
import { readPictureTexts } from "./read-texts.ts";

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "ocr-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

describe("tesseractReader", () => {
  it("reads what is printed in a picture, and nothing in a blank one", async () => {
    const store = openImageStore(join(dir, "store"));
    const printed = await store.put(
      await readFile(new URL("../../test/goldens/text-in-picture.png", import.meta.url)),
    );
    const blank = await store.put(
      await encodePng({ width: 64, height: 64, channels: 1, data: new Uint8Array(4096).fill(99) }),
    );
    const reader = await tesseractReader(store);
    try {
      const readings = [await reader.read(printed), await reader.read(blank), await reader.read(aPicture(1))];
      expect(readings[0]).toMatchObject({
        sha256: printed.sha256,
        text: expect.stringMatching(/PORTABLE UPRIGHT.*left pleural effusion/s),
      });
      expect(readings[1]).toMatchObject({ text: "", words: 0 });
      expect(readings[2]).toEqual({ failed: expect.stringContaining("import the data set's images") });
      const filter = textInPicture(() => (readings[0] as { text: string }).text, {
        options: "right",
        characters: 4,
      });
      expect(
        await filter.judge(
          aQuestion(1, {
            images: [printed],
            options: ["pneumothorax", "Left pleural effusion"],
            gold: { labels: ["B"] },
          }),
        ),
      ).toMatchObject({ dropped: "answer-in-picture" });
    } finally {
      await reader.close();
    }
  });
});

describe("readPictureTexts", () => {
  it("reads each picture once, goes on after a kill, and mixes no readers", async () => {
    const file = join(dir, "set.questions.jsonl");
    await writeJsonlAtomic(
      file,
      [1, 2, 1, 3, 9].map((picture, at) => aQuestion(at, { images: [aPicture(picture)] })),
    );
    const asked: string[] = [];
    const reader = (by: string, dieAt = -1): PictureReader => ({
      by,
      async read({ sha256 }) {
        asked.push(sha256);
        if (asked.length === dieAt) throw new Error("killed");
        return sha256 === aPicture(9).sha256
          ? { failed: "no file" }
          : { sha256, text: sha256 === aPicture(2).sha256 ? "" : "L", words: 1, by };
      },
      close: async () => {},
    });
    const out = join(dir, "set.ocr.jsonl");
    await expect(readPictureTexts(file, out, reader("a", 2))).rejects.toThrow("killed");
    expect(await readPictureTexts(file, out, reader("a"))).toEqual({
      read: 2,
      before: 1,
      failed: { [aPicture(9).sha256]: "no file" },
      withText: 2,
    });
    expect(asked.slice(2)).toEqual([2, 3, 9].map((picture) => aPicture(picture).sha256));
    expect((await readFile(out, "utf8")).trim().split("\n")).toHaveLength(3);
    await expect(readPictureTexts(file, out, reader("b"))).rejects.toMatchObject({ code: "ocr-failed" });
  });
});
