import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createRun, readRun, requestControl } from "@mede2/runs";
import { isTrainingPlan, type RunEvent, readRecord, trainingLockSchema } from "@mede2/schemas";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fakeRun, until } from "../../test/emitted.ts";
import { type SampleWorld, writeSampleWorld } from "../../test/sample-world.mjs";
import { emittedFile } from "../emit/emit-run.ts";
import type { EmittedRun } from "../engine.ts";
import type { Launcher } from "../launch/launcher.ts";
import { localLauncher } from "../launch/local.ts";
import { readJob } from "./job-file.ts";
import { superviseRun } from "./supervise.ts";

const tiny = fileURLToPath(new URL("../../../recipes/models/tiny", import.meta.url));
const workspace = mkdtempSync(join(tmpdir(), "mede2-supervise-"));
let world: SampleWorld;
beforeAll(async () => {
  world = await writeSampleWorld(workspace, tiny, {
    demonstrations: 4,
    pairs: 2,
    heldOut: 1,
    weights: false,
  });
});
afterAll(() => rmSync(workspace, { recursive: true }));

/** A run whose engine is a stand-in for ms-swift that logs and saves as it does. */
async function newRun(
  options: Parameters<typeof fakeRun>[1] = {},
  changes: Partial<EmittedRun> = {},
  launcher: Launcher = localLauncher(),
) {
  const plan = world.stage1Plan("ms-swift");
  const { dir, manifest } = await createRun({ workspace, plan, code: { version: "0" }, data: [] });
  if (!isTrainingPlan(manifest.plan)) throw new Error("a plan that trains");
  const emit = async (folder: string) => {
    const run = fakeRun(folder, { save_steps: 4, ...options }, { expected: { steps: 12 }, ...changes });
    await writeFile(join(folder, emittedFile), JSON.stringify(run));
    return run;
  };
  const stop = new AbortController();
  const settings = {
    ...{
      manifest,
      plan: manifest.plan,
      workspace,
      launcher,
      target: { name: "local" as const, graceSeconds: 20 },
    },
    ...{ emit, pollMilliseconds: 20, signal: stop.signal },
  };
  return { dir, stop, start: () => superviseRun(dir, settings), settings };
}

const eventsOf = (dir: string) =>
  readFileSync(join(dir, "events.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as RunEvent);
const stepsOf = (dir: string) =>
  eventsOf(dir).flatMap((event) => (event.type === "step-end" ? [event.step] : []));
const reached = (dir: string, step: number) =>
  until(`step ${step}`, 60, async () => existsSync(join(dir, "events.jsonl")) && stepsOf(dir).includes(step));

describe("a run on an outside engine", () => {
  it("ends in a run folder like any other: events, checkpoints, the lock for evaluations", async () => {
    const { dir, start } = await newRun();
    const result = await start();
    expect(result).toMatchObject({ status: "finished", steps: 12, loss: { first: expect.any(Number) } });
    expect(stepsOf(dir)).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
    const run = await readRun(dir);
    expect([run.status, run.state.steps, run.state.checkpoints.at(-1)?.step]).toEqual(["finished", 12, 12]);
    expect(result.checkpoint).toBe(join(dir, "checkpoints/step-0000012"));
    const lock = await readRecord(join(result.checkpoint, "training-lock.json"), trainingLockSchema);
    expect(lock).toMatchObject({
      engine: "ms-swift",
      templateHash: world.stage1Plan("ms-swift").templateHash,
    });
    const adapter = readFileSync(join(result.checkpoint, "adapter_config.json"), "utf8");
    expect(JSON.parse(adapter)).toMatchObject({ base_model_name_or_path: join(workspace, "model") });
    expect(existsSync(join(result.checkpoint, "trainer_state.json"))).toBe(false);
  });

  it("is stopped by a request in control/, and goes on from its newest checkpoint", async () => {
    const { dir, start } = await newRun(
      { max_steps: 40, step_ms: 120 },
      { steps: 40, expected: { steps: 40 } },
    );
    const running = start();
    await reached(dir, 5);
    await requestControl(dir, { by: "test", request: "pause" });
    await requestControl(dir, { by: "test", request: "stop" });
    const stopped = await running;
    expect(stopped.status).toBe("stopped");
    expect(eventsOf(dir).filter(({ type }) => type === "control-acknowledged")).toMatchObject([
      { request: "pause", outcome: "refused" },
      { request: "stop", outcome: "done" },
    ]);
    expect((await readRun(dir)).status).toBe("stopped");
    const result = await start();
    expect(result).toMatchObject({ status: "finished", steps: 40 });
    expect(result.loss.first).toBeCloseTo(0.7 * 0.97, 6);
    const events = eventsOf(dir);
    const second = events.findLastIndex(({ type }) => type === "run-started");
    expect(events[second]).toMatchObject({
      attempt: 2,
      fromCheckpoint: expect.stringMatching(/^checkpoints\/step-/),
    });
    // what the first attempt logged is not told again
    const steps = events.slice(second).flatMap((event) => (event.type === "step-end" ? [event.step] : []));
    expect(steps).toEqual(
      Array.from({ length: 40 - stopped.steps }, (_, index) => stopped.steps + 1 + index),
    );
  });

  it("is stopped by the signal of its process", async () => {
    const { dir, start, stop } = await newRun(
      { max_steps: 100, step_ms: 200 },
      { steps: 100, expected: { steps: 100 } },
    );
    const running = start();
    await reached(dir, 3);
    stop.abort();
    expect((await running).status).toBe("stopped");
    expect(eventsOf(dir).at(-1)?.type).toBe("run-stopped");
  });

  it("that dies says why, and can be resumed", async () => {
    const { dir, start } = await newRun({ die_at: 7, parent: "true" });
    await expect(start()).rejects.toThrow(/ran out of memory, or somebody killed/);
    expect((await readRun(dir)).status).toBe("failed");
    expect(eventsOf(dir).at(-1)).toMatchObject({ type: "run-failed", next: expect.stringMatching(/resume/) });
    expect((await readRun(dir)).state.checkpoints.map(({ step }) => step)).toEqual([4]);
  });

  it("that breaks an invariant is ended, with the cause", async () => {
    const { dir, start } = await newRun(
      { step_ms: 60, save_ms: 50 },
      { expected: { steps: 12, lossAtStart: 0.5 } },
    );
    await expect(start()).rejects.toMatchObject({ code: "invariant-broken" });
    const events = eventsOf(dir);
    expect(events.find(({ type }) => type === "invariant-broken")).toMatchObject({
      name: "preference-loss-at-start",
      expected: 0.5,
    });
    expect(events.at(-1)).toMatchObject({ type: "run-failed", code: "invariant-broken" });
    expect(Math.max(...stepsOf(dir))).toBeLessThan(100);
    expect((await readRun(dir)).alarms.map(({ name }) => name)).toContain(
      "invariant-preference-loss-at-start",
    );
  });

  it("with code 0 below the steps is no success", async () => {
    const { dir, start } = await newRun({ max_steps: 6 }, { steps: 12, expected: { steps: 12 } });
    await expect(start()).rejects.toThrow(/code 0 after 6 of 12 steps/);
    expect(eventsOf(dir).at(-1)).toMatchObject({ type: "run-failed", code: "steps-missing" });
  });

  it("is followed again by another process when the first one is gone", async () => {
    const { dir, start, settings } = await newRun({ step_ms: 80 });
    const job = localLauncher();
    const gone = superviseRun(dir, {
      ...settings,
      patienceMilliseconds: 0,
      launcher: {
        ...job,
        status: async (handle) => {
          if (stepsOf(dir).length >= 3) throw new Error("this process is gone");
          return job.status(handle);
        },
      },
    });
    await expect(gone).rejects.toThrow(/the launcher did not answer/);
    const handle = await readJob(dir);
    const result = await start();
    expect(result).toMatchObject({ status: "finished", steps: 12 });
    expect((await readJob(dir))?.id).toBe(handle?.id); // the same job, not a second one
  });
});
