import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, rename, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { runPlaces } from "@mede2/runs";
import type { TrainingPlan } from "@mede2/schemas";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { requestAfter, stopAfter } from "./stop-points.ts";
import { demonstration, type Fixture, ofType, openFixture, type TestRun } from "./training-fixture.ts";

let fixture: Fixture;
let plan: TrainingPlan;
let expected: Record<string, string>;
beforeAll(async () => {
  fixture = await openFixture();
  const records = Array.from({ length: 6 }, (_, n) => demonstration(n));
  const batch = { size: 2, accumulation: 1, maxTokens: 400, checkpointEvery: 2, keepCheckpoints: 2 };
  plan = fixture.plan({ data: [await fixture.data("train.jsonl", records)], batch });
  const whole = await fixture.run(plan);
  await whole.start();
  expected = whole.files(5);
});
afterAll(() => fixture.remove());

const checkpoint = (run: TestRun, step: number) =>
  join(runPlaces.checkpoints(run.dir), `step-${String(step).padStart(7, "0")}`);

/** A run that stood still after four steps, with checkpoints of step 2 and step 4. */
async function interrupted(): Promise<TestRun> {
  const run = await fixture.run(plan);
  await run.start(stopAfter(4));
  expect(await readdir(runPlaces.checkpoints(run.dir))).toEqual(["step-0000002", "step-0000004"]);
  return run;
}

async function flip(file: string): Promise<void> {
  const bytes = await readFile(file);
  bytes[bytes.length - 3]! ^= 1;
  await writeFile(file, bytes);
}

const warnings = async (run: TestRun) => ofType(await run.events(), "warning").map(({ code }) => code);

describe("damaged checkpoints", () => {
  it.each([
    ["a bit of the weights", (folder: string) => flip(join(folder, "model.safetensors"))],
    [
      "the optimiser cut short",
      (folder: string) => truncate(join(folder, "trainer/optimiser.safetensors"), 99),
    ],
    ["the state cut short", (folder: string) => truncate(join(folder, "trainer/state.json"), 40)],
    ["config.json changed", (folder: string) => writeFile(join(folder, "config.json"), "{}")],
  ])("%s: the one before is taken, with a warning, and the result is the same", async (_, damage) => {
    const run = await interrupted();
    await damage(checkpoint(run, 4));
    expect((await run.start()).status).toBe("finished");
    expect(await warnings(run)).toEqual(["checkpoint-damaged"]);
    expect(ofType(await run.events(), "run-started").at(-1)!.fromCheckpoint).toBe("checkpoints/step-0000002");
    expect(run.files(5)).toEqual(expected);
    // the damaged one does not count among those to keep
    expect(await readdir(runPlaces.checkpoints(run.dir))).toEqual([
      "step-0000004",
      "step-0000004.damaged",
      "step-0000005",
    ]);
  });

  it("all of them: the run starts over and says so", async () => {
    const run = await interrupted();
    for (const step of [2, 4]) await flip(join(checkpoint(run, step), "model.safetensors"));
    expect((await run.start()).status).toBe("finished");
    expect(await warnings(run)).toEqual(["checkpoint-damaged", "checkpoint-damaged", "started-over"]);
    expect(run.files(5)).toEqual(expected);
  });

  it("of a later version: an error, not a fresh start", async () => {
    const run = await interrupted();
    const path = join(checkpoint(run, 4), "trainer/state.json");
    await writeFile(path, (await readFile(path, "utf8")).replace('"version": 1', '"version": 2'));
    await expect(run.start()).rejects.toMatchObject({ code: "checkpoint-version" });
  });

  it("leftovers of a process that died while it wrote one are removed", async () => {
    const run = await interrupted();
    const folder = runPlaces.checkpoints(run.dir);
    const dead = 2 ** 22 + 1; // above any process number
    await cp(checkpoint(run, 4), join(folder, `.step-0000005.${dead}-abc123.tmp`), { recursive: true });
    await mkdir(join(folder, `.step-0000006.${dead}-abc123.tmp`));
    await run.start();
    expect(await readdir(folder)).toEqual(["step-0000004", "step-0000005"]);
    expect(run.files(5)).toEqual(expected);
  });

  it("one that was moved aside to be replaced is put back", async () => {
    const run = await interrupted();
    const folder = runPlaces.checkpoints(run.dir);
    await rename(checkpoint(run, 4), join(folder, `.step-0000004.${2 ** 22 + 1}-abc123.old`));
    await run.start();
    expect(ofType(await run.events(), "run-started").at(-1)!.fromCheckpoint).toBe("checkpoints/step-0000004");
    expect(run.files(5)).toEqual(expected);
  });
});

describe("learning rates after a crash", () => {
  it("are set again at the steps at which they took effect", async () => {
    const whole = await fixture.run(plan);
    const request = { request: "learning-rate", args: { learningRate: 3e-4 } } as const;
    await whole.start(requestAfter(2, whole.dir, request)); // answered when three steps are taken
    expect((await whole.steps()).map(({ learningRate }) => learningRate === 3e-4)).toEqual([
      false,
      false,
      false,
      true,
      true,
    ]);
    const cut = await fixture.run(plan);
    const after = requestAfter(2, cut.dir, request);
    let asked = 0;
    const stop = new Proxy(after, {
      get: (target, key) => (key === "aborted" ? target.aborted || ++asked > 4 : Reflect.get(target, key)),
    });
    await cut.start(stop);
    await flip(join(checkpoint(cut, 4), "model.safetensors")); // so that it goes on from step 2, before the request
    await cut.start();
    expect(cut.files(5)).toEqual(whole.files(5));
    expect(cut.files(5)).not.toEqual(expected);
  });

  it("a later wish overrules those of attempts before it", async () => {
    const run = await fixture.run(plan);
    const rate = (learningRate: number) => ({ request: "learning-rate", args: { learningRate } }) as const;
    await run.start(requestAfter(2, run.dir, rate(5e-4))).catch(() => undefined);
    for (const step of [4, 5]) await flip(join(checkpoint(run, step), "model.safetensors"));
    // both are gone: it starts over, and is asked for another rate after two steps, answered before the third
    await run.start(requestAfter(1, run.dir, rate(2e-4)));
    expect((await run.steps()).map(({ learningRate }) => learningRate).slice(2)).toEqual([2e-4, 2e-4, 2e-4]);
  });
});

const worker = fileURLToPath(new URL("../dist/worker.js", import.meta.url));

describe.skipIf(!existsSync(worker))("a process killed with -9 (skipped where dist is not built)", () => {
  function spawn(run: TestRun) {
    const child = fork(worker, [run.dir, fixture.workspace], {
      execArgv: [],
      stdio: ["ignore", 2, 2, "ipc"],
    });
    const messages: { result?: { status: string }; error?: unknown }[] = [];
    child.on("message", (message) => messages.push(message as object));
    return { child, messages, ended: once(child, "exit") };
  }

  it("goes on from its last checkpoint to the same result; the parent gets the result", async () => {
    const long = {
      ...plan,
      schedule: { ...plan.schedule, steps: 60 },
      batch: { ...plan.batch, checkpointEvery: 7 },
    };
    const whole = await fixture.run(long);
    const undisturbed = spawn(whole);
    const run = await fixture.run(long);
    const killed = spawn(run);
    while (ofType(await run.events().catch(() => []), "step-end").length < 10) await sleep(5);
    killed.child.kill("SIGKILL");
    expect(await killed.ended).toEqual([null, "SIGKILL"]);
    expect(ofType(await run.events(), "run-finished")).toEqual([]);
    const resumed = spawn(run);
    expect(await resumed.ended).toEqual([0, null]);
    expect(await undisturbed.ended).toEqual([0, null]);
    expect(resumed.messages[0]).toMatchObject({ result: { status: "finished", steps: 60 } });
    expect(ofType(await run.events(), "run-started")[1]!.fromCheckpoint).toMatch(
      /step-00000(07|14|21|28|35|42|49|56)$/,
    );
    expect(run.files(60)).toEqual(whole.files(60));
  });
});
