import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bytesBelow, openRunWriter, readRun } from "@mede2/runs";
import type { StartedTraining, StartSettings } from "@mede2/trainer";
import { beforeAll, describe, expect, it } from "vitest";
import { mede2, testFolder } from "../test/run-cli.ts";
import { randomModel, trainHere, writeTrainingPlan } from "../test/tiny-world.ts";

let cwd: string;
const plan = () => join(cwd, "a.plan.json");

beforeAll(async () => {
  cwd = await testFolder();
  await randomModel(join(cwd, "model"));
  await writeTrainingPlan(cwd, plan(), 3);
});

/** As `trainHere`, but the process is told to stop as soon as it has begun. */
const stoppedAtOnce = (settings: StartSettings): StartedTraining => {
  const training = trainHere(settings);
  training.stop();
  return training;
};

type Trained = {
  run: string;
  status: string;
  steps: number;
  loss: { first: number; last: number };
  checkpoint: string;
};

describe("train", () => {
  it("runs a plan, says what came of it, and does not run it twice", async () => {
    const ran = await mede2(["train", "a.plan.json", "--out", "runs/a", "--json"], {
      cwd,
      startTraining: trainHere,
    });
    expect(ran.err).not.toContain("mede2:");
    const result = ran.json<Trained & { tokensPerSecond: number; peakMemoryBytes: number }>();
    expect(ran.code).toBe(0);
    expect(result).toMatchObject({ run: join(cwd, "runs/a"), status: "finished", steps: 3 });
    expect(result.loss.last).toBeLessThan(result.loss.first);
    expect(result.tokensPerSecond).toBeGreaterThan(0);
    expect(result.peakMemoryBytes).toBeGreaterThan(1e6);
    expect(await readFile(join(result.checkpoint, "config.json"), "utf8")).toContain("qwen2_5_vl");
    const { manifest } = await readRun(join(cwd, "runs/a"));
    expect(manifest.data).toMatchObject([{ count: 6 }]);
    // what the plan was said to need: two checkpoints that are kept and one that is being written, each as large as this one
    const { estimate } = (await mede2(["plan", "a.plan.json", "--no-time", "--json"], { cwd })).json<{
      estimate: { memoryBytes: number; diskBytes: number; basis: string };
    }>();
    expect(estimate.basis).toBe("shapes");
    const bytes = await bytesBelow(result.checkpoint);
    expect(Math.abs(estimate.diskBytes / (3 * bytes) - 1)).toBeLessThan(0.02);
    expect(estimate.memoryBytes).toBeGreaterThan(bytes);
    const again = await mede2(["train", "a.plan.json", "--out", "runs/a"], { cwd, startTraining: trainHere });
    expect(again.code).toBe(2);
    expect(again.err).toContain("mede2 train --resume runs/a");
    const resumed = await mede2(["train", "--resume", "a", "--json"], { cwd, startTraining: trainHere });
    expect(resumed.json()).toMatchObject({ status: "finished", steps: 3, loss: result.loss });
  });

  it("stops with a checkpoint and 130, and goes on to where an undisturbed run comes", async () => {
    const argv = ["train", "a.plan.json", "--out", "runs/b", "--json"];
    const stopped = await mede2(argv, { cwd, startTraining: stoppedAtOnce });
    expect(stopped.code).toBe(130);
    expect(stopped.json()).toMatchObject({ status: "stopped", steps: 0 });
    expect(stopped.err).toContain("go on with mede2 train --resume runs/b");
    const whole = (await readRun(join(cwd, "runs/a"))).state.losses;
    const resumed = await mede2(["train", "--resume", "runs/b", "--json"], { cwd, startTraining: trainHere });
    expect(resumed.json()).toMatchObject({
      status: "finished",
      steps: 3,
      loss: { first: whole.first, last: whole.last },
    });
  });

  it("passes Ctrl-C on to the process that trains", async () => {
    const stop = new AbortController();
    const start = (settings: StartSettings) => {
      const training = trainHere(settings);
      stop.abort();
      return training;
    };
    const argv = ["train", "a.plan.json", "--out", "runs/c", "--json"];
    const { code } = await mede2(argv, { cwd, startTraining: start, stop: stop.signal });
    expect(code).toBe(130);
    expect((await readRun(join(cwd, "runs/c"))).status).toBe("stopped");
  });

  it("refuses a plan that cannot be honoured before it makes a folder, naming everything that is wrong", async () => {
    const file = join(cwd, "bad.plan.json");
    const good = await writeTrainingPlan(cwd, file, 3, { templateHash: "0".repeat(64), device: "cuda" });
    const [data] = good.data;
    await writeFile(file, JSON.stringify({ ...good, data: [{ ...data!, sha256: "1".repeat(64) }] }));
    const { code, err } = await mede2(["train", file, "--out", "runs/bad"], { cwd });
    expect(code).toBe(2);
    for (const part of ["has changed since", "device cuda", "chat template 000000"])
      expect(err).toContain(part);
    await expect(readFile(join(cwd, "runs/bad/run.json"))).rejects.toThrow();
    const checked = await mede2(["plan", file, "--json"], { cwd });
    expect(checked.code).toBe(2);
    expect(
      checked.json<{ findings: { level: string }[] }>().findings.filter(({ level }) => level === "error"),
    ).toHaveLength(3);
    const estimated = await mede2(["plan", plan(), "--json"], { cwd, startTraining: trainHere });
    expect(estimated.json()).toMatchObject({
      ...{ valid: true, findings: [] },
      estimate: { steps: 3, basis: "trial", seconds: expect.any(Number) },
    });
    const useless = await mede2(["plan", plan(), "--model", "model"], { cwd });
    expect(useless.code).toBe(2);
    expect(useless.err).toContain("--model belongs to a recipe");
    await rm(file);
  });

  it("knows before a run what it could not learn from, and counts steps as the trainer does", async () => {
    const file = join(cwd, "counted.plan.json");
    const schedule = { name: "constant" as const, learningRate: 1e-3, epochs: 2 };
    const batch = { size: 4, accumulation: 1, maxTokens: 700 };
    const good = await writeTrainingPlan(cwd, file, 1, { schedule, batch });
    const [data] = good.data;
    const check = async (change: object) => {
      await writeFile(file, JSON.stringify({ ...good, ...change }));
      const { code, json } = await mede2(["plan", file, "--no-time", "--json"], { cwd });
      const reply = json<{
        findings: { message: string }[];
        estimate?: { steps: number; seconds?: number };
      }>();
      return {
        code,
        messages: reply.findings.map(({ message }) => message).join(),
        estimate: reply.estimate,
      };
    };
    // six records in steps of four are two steps an epoch
    expect(await check({})).toMatchObject({ code: 0, estimate: { steps: 4 } });
    expect(await check({ kind: "pretrain" })).toMatchObject({ code: 0, estimate: { steps: 4 } });
    expect(await check({ data: [data, { ...data!, split: "dev" }] })).toMatchObject({
      estimate: { steps: 4 },
    });
    const heldOut = await check({ data: [{ ...data!, split: "dev" }] });
    expect(heldOut.code).toBe(2);
    expect(heldOut.messages).toContain("nothing to learn from");
    const style = await check({ data: [{ ...data!, promptStyle: "loud" }] });
    expect(style.code).toBe(2);
    expect(style.messages).toContain('unknown prompt style "loud"; there are');
    await rm(file);
  });

  it("tells a run's own failure with what to do", async () => {
    const file = join(cwd, "long.plan.json");
    const batch = { size: 2, accumulation: 1, maxTokens: 16 };
    await writeTrainingPlan(cwd, file, 1, { batch });
    const failed = await mede2(["train", file, "--out", "runs/long", "--json"], {
      cwd,
      startTraining: trainHere,
    });
    expect(failed.code).toBe(2);
    expect(failed.json<{ error: { code: string; next: string } }>().error).toMatchObject({
      code: "too-long",
    });
    expect(failed.err).toMatch(/stage1\.demonstrations\.jsonl:1: \d+ tokens/);
    expect((await readRun(join(cwd, "runs/long"))).status).toBe("failed");
  });
});

describe("runs and watch", () => {
  it("list runs with the keys that are promised", async () => {
    const { runs } = (await mede2(["runs", "--json"], { cwd })).json<{ runs: Record<string, unknown>[] }>();
    const byId = new Map(runs.map((run) => [run.id, run]));
    expect(byId.get("a")).toMatchObject({ kind: "sft", status: "finished", step: 3, steps: 3, alarms: [] });
    expect(byId.get("a")!.loss).toBeTypeOf("number");
    expect(byId.get("c")).toMatchObject({ status: "stopped", step: 0 });
    const text = (await mede2(["runs", cwd])).out;
    expect(text).toMatch(/\na +sft +custom +finished +3\/3 /);
    const one = await mede2(["watch", "runs/a", "--once", "--json"], { cwd });
    expect(one.json<{ runs: object[] }>().runs).toMatchObject([{ id: "a", status: "finished", steps: 3 }]);
    expect((await mede2(["watch", "a", "--once"], { cwd })).out).toMatch(/step +3 of 3\nloss +/);
    expect((await mede2(["watch", "--once"], { cwd })).out).toBe(text);
  });

  it("show a run that cannot be read, and an empty workspace, as what they are", async () => {
    const empty = await testFolder();
    expect((await mede2(["runs", "--json"], { cwd: empty })).json()).toEqual({ runs: [] });
    const broken = join(cwd, "runs/a/run.json");
    const whole = await readFile(broken, "utf8");
    await writeFile(broken, "{");
    const { runs } = (await mede2(["runs", "--json"], { cwd })).json<{
      runs: { id: string; status: string }[];
    }>();
    expect(runs.find(({ id }) => id === "a")).toMatchObject({ status: "unreadable" });
    await writeFile(broken, whole);
    expect((await mede2(["watch", "nothing", "--once"], { cwd })).code).toBe(2);
    const none = await mede2(["watch", ".", "--once"], { cwd: empty });
    expect(none).toMatchObject({ code: 0, err: "", out: `no runs in ${empty}\n` });
  });
});

describe("control", () => {
  it("asks a run and reports its answer", async () => {
    const dir = join(cwd, "runs/a");
    const asked = await mede2(["control", "a", "stop"], { cwd });
    expect(asked).toMatchObject({ code: 1 });
    expect(asked.err).toContain("a is finished");
    const writer = await openRunWriter(dir);
    const answering = (async () => {
      for (let answered = 0; answered < 2; await new Promise((done) => setTimeout(done, 20)))
        for (const request of await writer.controls()) {
          const rate = request.args.learningRate;
          writer.acknowledge(
            request,
            rate === undefined ? "refused" : "done",
            rate === undefined ? "busy" : undefined,
          );
          answered += 1;
        }
    })();
    const rate = await mede2(["control", dir, "learning-rate", "5e-5", "--json"], { cwd });
    expect(rate.code).toBe(0);
    expect(rate.json()).toMatchObject({ outcome: "done" });
    const pause = await mede2(["control", dir, "pause", "--json"], { cwd });
    expect(pause.code).toBe(1);
    expect(pause.json()).toMatchObject({ outcome: "refused", reason: "busy" });
    await answering;
    const late = await mede2(["control", dir, "checkpoint", "--wait", "0.1", "--json"], { cwd });
    expect(late.json()).toMatchObject({ outcome: "waiting" });
    writer.append({ type: "run-finished", summary: {} });
    writer.close();
    expect((await mede2(["control", dir, "learning-rate"], { cwd })).code).toBe(2);
    expect((await mede2(["control", dir, "pause", "5e-5"], { cwd })).code).toBe(2);
  });
});
