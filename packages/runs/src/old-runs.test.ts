import { appendFile, cp, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { candidatesSchema, planHash, readAllJsonl, readRecord, runManifestSchema } from "@mede2/schemas";
import { afterAll, describe, expect, it } from "vitest";
import { listRuns, readRun } from "./index.ts";

/** Runs that older versions wrote: see the README there. */
const versions = fileURLToPath(new URL("../test/goldens/run-folders", import.meta.url));
const temporary = await mkdtemp(join(tmpdir(), "mede2-old-runs-"));
afterAll(() => rm(temporary, { recursive: true, force: true }));

const folders = (await readdir(versions, { withFileTypes: true })).filter((it) => it.isDirectory());

/** Steps and last loss of the runs that trained, as their logs say them. */
const trained: Record<string, Record<string, { step: number; lastLoss: number }>> = {
  "0.1.0-bd1c339": {
    "1-stage1": { step: 141, lastLoss: 0.24261601269245148 },
    "4-stage2": { step: 2, lastLoss: 0.8422300219535828 },
  },
};

it("there are runs of older versions", () => {
  expect(folders.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(trained)));
});

describe.each(folders.map(({ name }) => name))("runs written by %s", (version) => {
  it("are listed and read, each event of them, and finished", async () => {
    const workspace = join(temporary, version);
    await cp(join(versions, version), join(workspace, "runs"), { recursive: true });
    const runs = await listRuns(workspace);
    expect(runs.length).toBeGreaterThan(3);
    for (const { dir } of runs) {
      const view = await readRun(dir);
      expect(view).toMatchObject({ status: "finished", bad: [] });
      expect(view.state.failure).toBeNull();
    }
  });

  it("keep their plans, to the hash", async () => {
    for (const run of await readdir(join(versions, version))) {
      const manifest = await readRecord(join(versions, version, run, "run.json"), runManifestSchema);
      expect(planHash(manifest.plan), run).toBe(manifest.planHash);
    }
  });

  it("keep their curves", async () => {
    for (const [run, { step, lastLoss }] of Object.entries(trained[version] ?? {})) {
      const { state } = await readRun(join(versions, version, run));
      expect(state.step).toBe(step);
      expect(state.losses.last).toBeCloseTo(lastLoss, 6);
    }
  });

  it("keep their candidates with ratings", async () => {
    const rated = await readAllJsonl(
      join(versions, version, "3-pairs/traces/rated.candidates.jsonl"),
      candidatesSchema,
    );
    expect(rated).toHaveLength(3);
    for (const { traces, ratings } of rated) expect(ratings).toHaveLength(traces.length);
  });
});

it("an event of a newer version is left out and counted, and the rest is read", async () => {
  const dir = join(temporary, "newer");
  await cp(join(versions, "0.1.0-bd1c339/4-stage2"), dir, { recursive: true });
  await appendFile(join(dir, "events.jsonl"), '{"record":"run-event","v":2,"seq":99,"type":"later"}\n');
  const { status, bad } = await readRun(dir);
  expect(status).toBe("finished");
  expect(bad).toHaveLength(1);
  expect(JSON.stringify(bad[0])).toContain("a newer version of MedE² wrote this");
});
