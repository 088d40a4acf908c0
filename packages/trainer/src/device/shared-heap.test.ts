import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { hasSharedHeap, sharedHeapVariables } from "./shared-heap.ts";

it("is known by all its variables, on Linux", () => {
  expect(hasSharedHeap(sharedHeapVariables, "linux")).toBe(true);
  expect(hasSharedHeap({ ...sharedHeapVariables, MALLOC_MMAP_MAX_: "1" }, "linux")).toBe(false);
  expect(hasSharedHeap({}, "linux")).toBe(false);
  expect(hasSharedHeap(sharedHeapVariables, "darwin")).toBe(false);
});

/** Resident megabytes after 100 MB were allocated, touched and let go. */
function residentAfterRelease(variables: Readonly<Record<string, string>>): number {
  const script = `let b = Buffer.alloc(1e8, 1); b = null; gc(); setTimeout(() => { gc(); console.log(process.memoryUsage.rss() / 1e6); }, 50);`;
  const env = { PATH: process.env.PATH ?? "", ...variables };
  return Number(execFileSync(process.execPath, ["--expose-gc", "-e", script], { env, encoding: "utf8" }));
}

const glibc = JSON.stringify(process.report.getReport()).includes("glibcVersionRuntime");

it.skipIf(process.platform !== "linux" || !glibc)("keeps large blocks in the process (glibc only)", () => {
  expect(residentAfterRelease({})).toBeLessThan(100);
  expect(residentAfterRelease(sharedHeapVariables)).toBeGreaterThan(130);
});
