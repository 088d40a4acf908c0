import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TrainingLock } from "@mede2/schemas";
import { afterAll, describe, expect, it } from "vitest";
import { lockMismatches, lockOf, mismatchSentence } from "./training-lock.ts";

const folder = mkdtempSync(join(tmpdir(), "mede2-lock-"));
afterAll(() => rmSync(folder, { recursive: true }));
const lock: TrainingLock = {
  ...{
    record: "training-lock",
    v: 1,
    planHash: "a".repeat(64),
    engine: "ms-swift",
    templateHash: "b".repeat(64),
  },
  ...{ pixels: { min: 3136, max: 12544 }, decoding: { temperature: 0, topP: 1, maxTokens: 120 } },
  promptStyles: ["reason"],
};
const same = {
  ...{ templateHash: lock.templateHash, pixels: lock.pixels, sampling: lock.decoding, style: "reason" },
};

describe("the lock between training and evaluation", () => {
  it("is that of the adapter, when there is one", async () => {
    expect(await lockOf(folder, undefined)).toBeUndefined();
    writeFileSync(join(folder, "training-lock.json"), JSON.stringify(lock));
    expect(await lockOf(join(folder, "base"), folder)).toEqual(lock);
    expect(await lockOf(folder, undefined)).toEqual(lock);
  });

  it("names what differs", () => {
    expect(lockMismatches(lock, same)).toEqual([]);
    const found = lockMismatches(lock, {
      ...{ templateHash: "c".repeat(64), pixels: { min: 3136, max: 50176 } },
      ...{ sampling: { ...lock.decoding, temperature: 1 }, style: "medevalkit" },
    });
    expect(found.map(({ name, level }) => [name, level])).toEqual([
      ["template", "error"],
      ["pixels", "error"],
      ["decoding", "warning"],
      ["style", "warning"],
    ]);
    expect(mismatchSentence(found[1]!)).toBe(
      "the number of pixels is not that of the training: 3136–12544 there, 3136–50176 here",
    );
  });
});
