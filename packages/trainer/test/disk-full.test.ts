import { execFileSync } from "node:child_process";
import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runPlaces } from "@mede2/runs";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { demonstration, type Fixture, ofType, openFixture } from "./training-fixture.ts";

const disk = vi.hoisted(() => ({ room: Number.POSITIVE_INFINITY }));
vi.mock("../src/train/checkpoint.ts", async (original) => {
  const real = await original<typeof import("../src/train/checkpoint.ts")>();
  const writeCheckpoint: typeof real.writeCheckpoint = async (...args) => {
    if (disk.room-- > 0) return real.writeCheckpoint(...args);
    throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
  };
  return { ...real, writeCheckpoint };
});

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.remove());

const planned = async () =>
  fixture.plan({
    data: [await fixture.data("train.jsonl", [demonstration(0), demonstration(1), demonstration(2)])],
    batch: { size: 1, accumulation: 1, maxTokens: 400, checkpointEvery: 2 },
  });

it("a full disk ends the run as disk-full, and a resume goes on from the checkpoint before", async () => {
  const plan = await planned();
  const whole = await fixture.run(plan);
  await whole.start();
  const run = await fixture.run(plan);
  disk.room = 1;
  await expect(run.start()).rejects.toThrow("ENOSPC");
  disk.room = Number.POSITIVE_INFINITY;
  expect((await run.events()).at(-1)).toMatchObject({
    type: "run-failed",
    code: "disk-full",
    next: "free disk space, then resume the run",
  });
  await run.start();
  expect(ofType(await run.events(), "run-started")[1]!.fromCheckpoint).toBe("checkpoints/step-0000002");
  expect(run.files(5)).toEqual(whole.files(5));
});

/** A disk of its own for the checkpoints; false where this may not mount. */
function mounted(folder: string): boolean {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=3m", "tmpfs", folder], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

it("the same on a real disk of 3 MB (skipped where tmpfs cannot be mounted)", async (context) => {
  const plan = await planned();
  const whole = await fixture.run(plan);
  await whole.start();
  const run = await fixture.run(plan);
  const checkpoints = runPlaces.checkpoints(run.dir);
  if (!mounted(checkpoints)) return context.skip();
  try {
    const ballast = join(checkpoints, "ballast");
    await writeFile(ballast, new Uint8Array(2_300_000)); // one checkpoint of about 0.5 MB fits, a second does not
    await expect(run.start()).rejects.toThrow();
    expect((await run.events()).at(-1)).toMatchObject({ type: "run-failed", code: "disk-full" });
    expect(await readdir(checkpoints)).toEqual(["ballast", "step-0000002"]);
    await rm(ballast);
    await run.start();
    expect(run.files(5)).toEqual(whole.files(5));
  } finally {
    execFileSync("umount", [checkpoints]);
  }
});
