import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { readRun, runPlaces } from "@mede2/runs";
import { traceSchema } from "@mede2/schemas";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { requestAfter, requestNow, stepSignal } from "./stop-points.ts";
import { demonstration, type Fixture, ofType, openFixture, pair, type TestRun } from "./training-fixture.ts";

let fixture: Fixture;
let data: Awaited<ReturnType<Fixture["data"]>>[];
beforeAll(async () => {
  fixture = await openFixture();
  data = [await fixture.data("train.jsonl", [demonstration(0), demonstration(1), demonstration(2)])];
});
afterAll(() => fixture.remove());

const newRun = () => fixture.run(fixture.plan({ data }));
const answers = async (run: TestRun) =>
  ofType(await run.events(), "control-acknowledged").map(({ request, outcome, reason }) =>
    [request, outcome, reason].filter((part) => part !== undefined).join(" "),
  );

describe("requests", () => {
  it("a pause lasts until the resume, through a checkpoint and a learning rate asked for meanwhile", async () => {
    const run = await newRun();
    const plan: [number, Parameters<typeof requestNow>[1]][] = [
      [1, { request: "pause" }],
      [2, { request: "pause" }],
      [3, { request: "checkpoint" }],
      [4, { request: "learning-rate", args: { learningRate: 1e-5 } }],
      [5, { request: "learning-rate", args: { learningRate: -1 } }], // no valid request: a client refuses to write it
      [6, { request: "resume" }],
      [7, { request: "resume" }],
    ];
    await run.start(
      stepSignal((asked) => {
        for (const [at, wish] of plan) if (at === asked) requestNow(run.dir, wish);
        return false;
      }),
    );
    expect(await answers(run)).toEqual([
      "pause done",
      "pause refused the run is paused already",
      "checkpoint done",
      "learning-rate done",
      "resume done",
      "resume refused the run is not paused",
    ]);
    expect(ofType(await run.events(), "warning").map(({ code }) => code)).toEqual(["bad-control-request"]);
    const warned = ofType(await run.events(), "warning"); // the negative rate is no valid request at all
    expect(warned.map(({ code }) => code)).toEqual(["bad-control-request"]);
    const types = (await run.events()).map(({ type }) => type);
    const pause = types.slice(types.indexOf("run-paused"), types.indexOf("run-resumed"));
    expect(pause).not.toContain("step-end");
    expect(pause).toContain("checkpoint-saved");
    const rates = (await run.steps()).map(({ learningRate }) => learningRate);
    expect(rates.slice(2)).toEqual([1e-5, 1e-5, 1e-5]);
  });

  it("a stop while paused saves and stops; the signal does, too", async () => {
    for (const how of ["request", "signal"]) {
      const run = await newRun();
      const result = await run.start(
        stepSignal((asked) => {
          if (asked === 1) requestNow(run.dir, { request: "pause" });
          if (asked === 4 && how === "request") requestNow(run.dir, { request: "stop" });
          return asked >= 4 && how === "signal";
        }),
      );
      expect(result).toMatchObject({ status: "stopped", steps: 2 });
      expect((await run.events()).at(-1)!.type).toBe("run-stopped");
      expect((await readRun(run.dir)).status).toBe("stopped");
    }
  });

  it("that come after the last step are refused, and all are answered", async () => {
    const run = await newRun();
    await run.start(requestAfter(4, run.dir, { request: "stop" }));
    expect(await answers(run)).toEqual(["stop refused the run has taken its last step"]);
    expect((await run.events()).at(-1)!.type).toBe("run-finished");
  });
});

describe("events and files of a run", () => {
  it("SFT: progress, evaluation, sample traces, checkpoints, in their order and valid", async () => {
    const held = await fixture.data(
      "held.jsonl",
      [demonstration(10, [fixture.images[0]!]), demonstration(11)],
      "validation",
    );
    const batch = {
      size: 2,
      accumulation: 1,
      maxTokens: 400,
      evaluateEvery: 2,
      sampleEvery: 3,
      checkpointEvery: 2,
    };
    const run = await fixture.run(fixture.plan({ data: [...data, held], batch }));
    await run.start();
    const events = await run.events();
    expect(events.map(({ seq }) => seq)).toEqual([...events.keys()]);
    expect(events.filter(({ type }) => type !== "progress").map(({ type }) => type)).toEqual([
      "run-started",
      "step-end",
      "step-end",
      "evaluation-end",
      "checkpoint-saved",
      "step-end",
      "trace-written",
      "trace-written",
      "step-end",
      "evaluation-end",
      "checkpoint-saved",
      "step-end",
      "evaluation-end",
      "checkpoint-saved",
      "run-finished",
    ]);
    const progress = ofType(events, "progress").map(({ done, total, unit }) => [done, total, unit]);
    expect(progress.slice(0, 2)).toEqual([
      [1, 1, "images"],
      [0, 5, "steps"],
    ]);
    expect(progress.at(-1)).toEqual([5, 5, "steps"]);
    const losses = ofType(events, "evaluation-end").map(({ metrics }) => metrics.loss!);
    expect(losses.every((loss) => loss > 0 && loss < 20)).toBe(true);
    const bytes = await readFile(join(run.dir, "traces/samples.trace.jsonl"));
    for (const { offset, length, id, step } of ofType(events, "trace-written")) {
      const trace = traceSchema.parse(JSON.parse(bytes.toString("utf8", offset, offset + length)));
      expect(trace.id).toBe(id);
      expect(trace.tokens.completion).toBeLessThanOrEqual(4);
      expect(step).toBe(3);
    }
    const view = await readRun(run.dir);
    expect([view.status, view.state.step, view.state.steps]).toEqual(["finished", 5, 5]);
    expect((await readdir(runPlaces.checkpoints(run.dir))).sort()).toEqual(["step-0000004", "step-0000005"]);
  });

  it("preference: rewards of each step, held-out pairs, the first step at ln 2", async () => {
    const pairs = [
      await fixture.data("pairs.jsonl", [pair(0, [fixture.images[1]!]), pair(1), pair(2)]),
      await fixture.data("held-pairs.jsonl", [pair(3), pair(4, [fixture.images[2]!])], "validation"),
    ];
    const schedule = { name: "constant", learningRate: 3e-3, steps: 8 } as const;
    const batch = { size: 2, accumulation: 2, maxTokens: 400, evaluateEvery: 8, sampleEvery: 8 };
    const plan = fixture.plan({
      kind: "preference",
      data: pairs,
      loss: { name: "dpo", beta: 0.1 },
      schedule,
      batch,
    });
    const run = await fixture.run(plan);
    await run.start();
    const steps = await run.steps();
    expect(steps[0]!.loss).toBeCloseTo(Math.LN2, 5);
    expect(steps[0]!.rewards).toMatchObject({ accuracy: expect.any(Number) });
    expect(Math.abs(steps[0]!.rewards!.margin!)).toBeLessThan(1e-4);
    expect(steps.at(-1)!.rewards).toMatchObject({ accuracy: 1 });
    expect(steps.at(-1)!.loss).toBeLessThan(0.5);
    const events = await run.events();
    const [held] = ofType(events, "evaluation-end");
    expect(held).toMatchObject({ step: 8, task: "held-out-rewards", metrics: { pairs: 2 } });
    expect(held!.metrics.margin).toBeCloseTo(held!.metrics.chosen! - held!.metrics.rejected!, 9);
    expect(ofType(events, "trace-written")).toHaveLength(2);
    expect(ofType(events, "progress").map(({ unit }) => unit)).toContain("reference pairs");
  });
});
