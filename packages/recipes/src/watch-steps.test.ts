import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { watchSteps } from "./watch-steps.ts";

it("outlives a folder that cannot be read", async () => {
  const folder = await mkdtemp(join(tmpdir(), "mede2-watch-"));
  const rejected: unknown[] = [];
  const remember = (reason: unknown) => void rejected.push(reason);
  process.on("unhandledRejection", remember);
  try {
    const watching = watchSteps(join(folder, "nothing"), () => {}, 2);
    await sleep(60);
    watching.stop();
    await sleep(10);
    expect(rejected).toEqual([]);
  } finally {
    process.off("unhandledRejection", remember);
    await rm(folder, { recursive: true, force: true });
  }
});
