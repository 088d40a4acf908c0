import { expect, it } from "vitest";
import { freeBuffers } from "./free-buffers.ts";

it("gives the memory of buffers back at once, without the garbage collector", () => {
  const made = (): ArrayBuffer => {
    const buffer = new ArrayBuffer(2 ** 26);
    new Uint8Array(buffer).fill(1);
    return buffer;
  };
  const kept = made();
  const before = process.memoryUsage().arrayBuffers;
  const dropped = Array.from({ length: 4 }, made);
  expect(process.memoryUsage().arrayBuffers - before).toBeGreaterThan(3.9 * 2 ** 26);
  freeBuffers(dropped);
  expect(dropped.map(({ byteLength }) => byteLength)).toEqual([0, 0, 0, 0]);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(0.1 * 2 ** 26);
  expect(kept.byteLength).toBe(2 ** 26);
});

it("takes nothing, and what is empty already", () => {
  freeBuffers([]);
  const empty = new ArrayBuffer(0);
  freeBuffers([empty, new SharedArrayBuffer(8)]);
  expect(empty.byteLength).toBe(0);
});
