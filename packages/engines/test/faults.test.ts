import { appendFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { requestControl } from "@mede2/runs";
import { afterAll, describe, expect, it } from "vitest";
import type { Launcher } from "../src/launch/launcher.ts";
import { localLauncher } from "../src/launch/local.ts";
import { loggedSteps, newFolder, reached, until } from "./emitted.ts";
import { newFakeRun } from "./fake-plan.ts";

const base = newFolder("faults");
afterAll(() => rmSync(base, { recursive: true, force: true }));
let runs = 0;
const place = (name = "run") => {
  runs += 1;
  return join(base, `${name} ${runs}`);
};
const all = (count: number) => Array.from({ length: count }, (_, at) => at + 1);
const stepsOf = (events: readonly { type: string }[]) =>
  events
    .filter(({ type }) => type === "step-end")
    .map((event) => (event as unknown as { step: number }).step);
const newest = (list: readonly number[]) => [...new Set(list)].sort((a, b) => a - b);

const startedOf = (dir: string) =>
  JSON.parse(readFileSync(join(dir, "launch/started.json"), "utf8")) as { pid: number; group: number };

/** A launcher that is never heard of again after some looks, as a process that was killed. */
function silentAfter(looks: number): { launcher: Launcher; silent: Promise<void> } {
  let fallSilent = () => {};
  const silent = new Promise<void>((resolve) => {
    fallSilent = resolve;
  });
  const real = localLauncher();
  let seen = 0;
  return {
    silent,
    launcher: {
      ...real,
      status(handle) {
        seen += 1;
        if (seen <= looks) return real.status(handle);
        fallSilent();
        return new Promise(() => {});
      },
    },
  };
}

describe.skipIf(process.platform === "win32")("nothing is lost", () => {
  it("when the process that started a run is gone: the job goes on, and the next one follows it", async () => {
    const run = await newFakeRun(place(), { step_ms: 60, max_steps: 80, save_steps: 10 });
    const { launcher, silent } = silentAfter(4);
    void run.start({ launcher });
    await silent;
    const done = await loggedSteps(run.engineDir);
    const result = await run.start();
    expect(result).toMatchObject({ status: "finished", steps: 80 });
    const events = await run.events();
    expect(events.filter(({ type }) => type === "run-started")).toHaveLength(2);
    expect(newest(stepsOf(events))).toEqual(all(80));
    // it was not started a second time
    expect((await loggedSteps(run.engineDir)).steps).toEqual(all(80));
    expect(done.steps.length).toBeLessThan(80);
    const { state, status } = await run.view();
    expect([status, state.step, state.checkpoints.at(-1)?.step]).toEqual(["finished", 80, 80]);
  });

  it("when the job ends well while nobody looks: its steps and its end are told, and it is not started again", async () => {
    const run = await newFakeRun(place(), { step_ms: 30, max_steps: 20, save_steps: 10 });
    const { launcher, silent } = silentAfter(3);
    void run.start({ launcher });
    await silent;
    await until("the end", 60, async () => existsSync(join(run.engineDir, "launch/exit.json")));
    expect(await run.start()).toMatchObject({ status: "finished", steps: 20 });
    expect((await loggedSteps(run.engineDir)).steps).toEqual(all(20));
    expect(newest(stepsOf(await run.events()))).toEqual(all(20));
  });

  it("when the job is killed while nobody looks: the steps that it took are told, and it goes on", async () => {
    const run = await newFakeRun(place(), { step_ms: 30, max_steps: 1000, save_steps: 10 });
    const { launcher, silent } = silentAfter(3);
    void run.start({ launcher });
    await silent;
    await reached(run.engineDir, 27);
    const { pid, group } = startedOf(run.engineDir);
    for (const gone of [pid, -group]) process.kill(gone, "SIGKILL");
    const again = run.start();
    await reached(run.engineDir, 45);
    await requestControl(run.dir, { by: "anna", request: "stop" });
    expect(await again).toMatchObject({ status: "stopped" });
    const steps = newest((await loggedSteps(run.engineDir)).steps);
    expect(newest(stepsOf(await run.events()))).toEqual(all(steps.length));
  });

  it("when a person asks in the run's control folder: the launcher is told, the request answered, the checkpoint kept", async () => {
    const run = await newFakeRun(place(), { step_ms: 30, max_steps: 2000, save_steps: 5000, parent: "true" });
    const running = run.start();
    await reached(run.engineDir, 3);
    const wish = await requestControl(run.dir, {
      by: "anna",
      request: "learning-rate",
      args: { learningRate: 1e-5 },
    });
    const stop = await requestControl(run.dir, { by: "anna", request: "stop" });
    expect(await running).toMatchObject({ status: "stopped" });
    const { state, status } = await run.view();
    expect(status).toBe("stopped");
    expect(state.controls).toMatchObject([
      { id: wish.id, outcome: "refused", reason: expect.stringContaining("ms-swift cannot do that") },
      { id: stop.id, outcome: "done" },
    ]);
    expect(state.checkpoints.at(-1)?.step).toBe(state.step);
  });

  it("when the training is killed: the cause is named, and it goes on from the newest checkpoint", async () => {
    const run = await newFakeRun(place(), { step_ms: 30, max_steps: 1000, save_steps: 4 });
    const running = run.start().catch((error: unknown) => error);
    await reached(run.engineDir, 6);
    const { group } = startedOf(run.engineDir);
    process.kill(-group, "SIGKILL");
    expect(await running).toMatchObject({
      code: "engine-failed",
      message: "killed by SIGKILL: the machine ran out of memory, or somebody killed the process",
    });
    expect((await run.view()).status).toBe("failed");
    const again = run.start();
    await reached(run.engineDir, 20);
    await requestControl(run.dir, { by: "anna", request: "stop" });
    expect(await again).toMatchObject({ status: "stopped" });
    const steps = newest((await loggedSteps(run.engineDir)).steps);
    expect(steps).toEqual(all(steps.length));
    expect(newest(stepsOf(await run.events()))).toEqual(steps);
  });

  it("when the engine's log is rotated away: a warning, and all steps", async () => {
    const run = await newFakeRun(place(), { step_ms: 60, max_steps: 30 });
    const running = run.start();
    await reached(run.engineDir, 8);
    await until("the events", 20, async () => stepsOf(await run.events()).includes(8));
    const log = join(run.engineDir, "output/logging.jsonl");
    renameSync(log, `${log}.1`);
    expect(await running).toMatchObject({ status: "finished", steps: 30 });
    const events = await run.events();
    expect(newest(stepsOf(events))).toEqual(all(30));
    expect(events).toContainEqual(expect.objectContaining({ type: "warning", code: "log-replaced" }));
  });

  it("when a line of the log was torn by a full disk: a warning that names it, and all other steps", async () => {
    const run = await newFakeRun(place(), { step_ms: 60, max_steps: 20 });
    const running = run.start();
    await reached(run.engineDir, 4);
    appendFileSync(join(run.engineDir, "output/logging.jsonl"), '{"loss": 0.5, "glo\n');
    expect(await running).toMatchObject({ status: "finished", steps: 20 });
    const events = await run.events();
    expect(newest(stepsOf(events))).toEqual(all(20));
    expect(events).toContainEqual(
      expect.objectContaining({
        type: "warning",
        code: "log-line",
        message: expect.stringContaining("logging.jsonl"),
      }),
    );
  });
});

describe.skipIf(process.platform === "win32")("one sentence says", () => {
  const fails = async (options: Record<string, string | number>, during?: (dir: string) => Promise<void>) => {
    const dir = place();
    const run = await newFakeRun(dir, options);
    const running = run.start().catch((error: unknown) => error);
    await during?.(run.engineDir);
    const fault = await running;
    expect((await run.view()).state.failure).toMatchObject({ code: (fault as { code: string }).code });
    return fault;
  };

  it("that a picture was deleted after the preflight, and which", async () => {
    const image = join(base, "a picture's #1.png");
    writeFileSync(image, "");
    const fault = await fails({ step_ms: 40, max_steps: 1000, image }, async (dir) => {
      await reached(dir, 6);
      rmSync(image);
    });
    expect(fault).toMatchObject({
      code: "image-missing",
      message: expect.stringContaining("a picture's #1.png"),
    });
  });

  it("that there is no GPU", async () => {
    if (existsSync("/dev/nvidia0")) return;
    expect(await fails({ cuda: "true" })).toMatchObject({
      code: "no-cuda",
      message: expect.stringContaining("no GPU can be used here"),
      next: "run it where there is one, or set device to cpu",
    });
  });

  it("that a path cannot be handed over", async () => {
    expect(await fails({ image: "a\nb.png" })).toMatchObject({
      code: "line-break",
      message: expect.stringContaining('"a\\nb.png" holds a line break'),
    });
  });

  it("that the engine is not there", async () => {
    const run = await newFakeRun(place(), {}, { changes: { command: ["swift-that-is-nowhere", "sft"] } });
    await expect(run.start()).rejects.toMatchObject({ code: "not-installed" });
  });
});
