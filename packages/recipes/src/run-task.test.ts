import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readRun, runFolder } from "@mede2/runs";
import { sha256Hex, type TaskPlan } from "@mede2/schemas";
import { afterEach, beforeEach, expect, it } from "vitest";
import { runTask } from "./run-task.ts";

let workspace = "";
beforeEach(async () => {
  workspace = await mkdtemp(join(tmpdir(), "mede2-task-"));
});
afterEach(() => rm(workspace, { recursive: true, force: true }));

const code = { version: "0.1.0" };
const text = '{"a":1}\n\n{"a":2}\n{"a":3}\n';

async function task(seed: number, work: () => Promise<number>): Promise<number> {
  await writeFile(join(workspace, "x.jsonl"), text);
  const plan: TaskPlan = {
    ...{ record: "plan", v: 1, kind: "score", recipe: "test", seed, threads: 1 },
    data: [{ path: "x.jsonl", sha256: sha256Hex(text), split: "stage2" }],
  };
  return runTask({ workspace, id: "t", plan, code, work, summary: (result) => ({ result }) });
}

it("leaves a finished run whose manifest counts the records", async () => {
  expect(await task(1, async () => 7)).toBe(7);
  const { status, manifest, state } = await readRun(runFolder(workspace, "t"));
  expect(status).toBe("finished");
  expect(manifest.data).toEqual([{ path: "x.jsonl", sha256: sha256Hex(text), count: 3 }]);
  expect(state.summary).toEqual({ result: 7 });
});

it("refuses to go on under another plan, with code and next step", async () => {
  await task(1, async () => 7);
  let worked = false;
  const other = task(2, async () => {
    worked = true;
    return 8;
  });
  await expect(other).rejects.toMatchObject({
    code: "plan-changed",
    message: expect.stringContaining("another plan"),
    next: "choose another folder, or remove it",
  });
  expect(worked).toBe(false);
});

it("tells a fault of the work, and goes on after it", async () => {
  await expect(
    task(1, async () => {
      throw Object.assign(new Error("the disk is full"), { code: "ENOSPC" });
    }),
  ).rejects.toThrow("the disk is full");
  const { status, state } = await readRun(runFolder(workspace, "t"));
  expect(status).toBe("failed");
  expect(state.failure).toMatchObject({ code: "ENOSPC", message: "the disk is full" });
  expect(await task(1, async () => 9)).toBe(9);
  expect((await readRun(runFolder(workspace, "t"))).status).toBe("finished");
});
