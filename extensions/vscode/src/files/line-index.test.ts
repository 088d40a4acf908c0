import { appendFileSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { fileSource, memorySource } from "./byte-source.ts";
import { lineIndex } from "./line-index.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const lines = async (text: string, step: number) => {
  const index = lineIndex(memorySource(bytes(text)));
  while (!index.done) await index.advance(step);
  return Array.from({ length: index.count }, (_, at) => {
    const { start, end } = index.at(at);
    return new TextDecoder().decode(bytes(text).subarray(start, end));
  });
};

it("finds the same lines however the file is cut", async () => {
  const text = 'first\n\n"söcond\u2028"\n\nthird without end';
  for (const step of [1, 2, 3, 7, 1000])
    expect(await lines(text, step)).toEqual(["first", '"söcond\u2028"', "third without end"]);
  expect(await lines("a\n", 1)).toEqual(["a"]);
});

it("finds each line once when two ask at the same time", async () => {
  const index = lineIndex(memorySource(bytes("a\nb\nc\n")));
  await Promise.all([index.advance(3), index.advance(100), index.advance(100)]);
  expect(index.count).toBe(3);
});

it("grows with the file, completes its last line, and begins anew when it was cut", async () => {
  const path = join(mkdtempSync(join(tmpdir(), "mede2-index-")), "x.jsonl");
  writeFileSync(path, "one\ntw");
  const source = fileSource(path);
  const index = lineIndex(source);
  await index.advance(1e6);
  expect(index.count).toBe(2);
  appendFileSync(path, "o\nthree\n");
  await index.advance(1e6);
  expect([0, 1, 2].map((at) => index.at(at))).toEqual([
    { start: 0, end: 3 },
    { start: 4, end: 7 },
    { start: 8, end: 13 },
  ]);
  expect(index.lineOf(9)).toBe(2);
  writeFileSync(path, "x\n");
  await index.advance(1e6);
  expect([index.count, index.at(0)]).toEqual([1, { start: 0, end: 1 }]);
  expect(() => index.at(1)).toThrow(RangeError);
  await source.close();
});

it("needs no more than a second for 200 MB", async () => {
  const piece = bytes(`${"x".repeat(999)}\n`.repeat(1000));
  const source = {
    size: async () => 2e8,
    read: async (offset: number, length: number) =>
      piece.subarray(offset % 1000, Math.min(length, piece.length)),
    close: async () => {},
  };
  const index = lineIndex(source);
  await index.advance(2e8);
  expect(index.count).toBeGreaterThan(199_000);
});
