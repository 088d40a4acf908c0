import { appendFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { fakeHost } from "../test/fake-run.ts";
import { exportCsv, trackRun } from "./index.ts";

const folder = mkdtempSync(join(tmpdir(), "mede2-foreign-"));
afterAll(() => rmSync(folder, { recursive: true }));
const later = { ...fakeHost(), clock: Date.now };
const fresh = (() => {
  let count = 0;
  return () => mkdtempSync(join(folder, `${count++}-`));
})();
const read = (dir: string) => trackRun(dir, {}, later).read();

describe("logs of other programs", () => {
  it("of ms-swift: bare NaN, a loss that transformers set to 0, and the end", async () => {
    const dir = fresh();
    const line = (step: number, rest: string) =>
      `{${rest}, "epoch": 0.1, "global_step/max_steps": "${step}/4", "elapsed_time": "${step}s", "train_speed(s/it)": 0.5}\n`;
    writeFileSync(
      join(dir, "logging.jsonl"),
      line(1, '"loss": 7.5, "grad_norm": 0.8, "learning_rate": 1e-4'),
    );
    const tracker = trackRun(dir, {}, later);
    expect(await tracker.read()).toMatchObject({
      kind: "sft",
      status: "running",
      foreign: "ms-swift",
      state: { step: 1, steps: 4 },
    });
    appendFileSync(join(dir, "logging.jsonl"), line(2, '"loss": 0.0, "grad_norm": NaN').slice(0, 20));
    expect((await tracker.read()).state.step).toBe(1);
    appendFileSync(join(dir, "logging.jsonl"), line(2, '"loss": 0.0, "grad_norm": NaN').slice(20));
    const broken = await tracker.read();
    expect(broken.state.latest).toMatchObject({ step: 2, nonFinite: ["loss", "gradientNorm"], seconds: 0.5 });
    expect(broken.alarms.map(({ name }) => name)).toContain("not-finite");
    appendFileSync(
      join(dir, "logging.jsonl"),
      `not json\n${line(4, '"train_runtime": 2.1, "train_loss": 3.5')}`,
    );
    const ended = await tracker.read();
    expect([ended.status, ended.bad.count]).toEqual(["finished", 1]);
    expect(ended.state.summary).toEqual({ train_loss: 3.5, train_runtime: 2.1 });
  });

  it("of ms-swift: an end before the last step is a stop", async () => {
    const dir = fresh();
    writeFileSync(
      join(dir, "logging.jsonl"),
      '{"loss": 1.0, "global_step/max_steps": "3/9"}\n{"train_runtime": 1.0, "global_step/max_steps": "3/9"}\n',
    );
    expect((await read(dir)).status).toBe("stopped");
  });

  it("of LLaMA-Factory, and of TRL with numbers as texts", async () => {
    const factory = fresh();
    writeFileSync(
      join(factory, "trainer_log.jsonl"),
      '{"current_steps": 5, "total_steps": 30, "loss": 1.5, "lr": 2e-5, "epoch": 0.5, "percentage": 16.7, "elapsed_time": "0:00:10", "remaining_time": "0:00:50"}\n',
    );
    expect((await read(factory)).state).toMatchObject({
      step: 5,
      steps: 30,
      latest: { loss: 1.5, learningRate: 2e-5, seconds: 2 },
    });
    const trl = fresh();
    const history = [
      {
        step: 1,
        loss: "0.7123",
        "rewards/accuracies": "0.25",
        "rewards/margins": "-0.1",
        "logps/chosen": "-52.8",
        "logps/rejected": "-60",
      },
      { step: 2, eval_loss: "0.7", eval_runtime: "3" },
    ];
    writeFileSync(
      join(trl, "trainer_state.json"),
      JSON.stringify({ global_step: 2, max_steps: 8, log_history: history }),
    );
    const run = await read(trl);
    expect(run.kind).toBe("preference");
    expect(run.state).toMatchObject({
      steps: 8,
      latest: {
        loss: 0.7123,
        rewards: { accuracy: 0.25, margin: -0.1 },
        logProbs: { chosen: -52.8, rejected: -60 },
      },
      evaluations: { eval: { metrics: { loss: 0.7 } } },
    });
  });

  it("that are silent for long are lost", async () => {
    const dir = fresh();
    writeFileSync(join(dir, "logging.jsonl"), '{"loss": 1.0, "global_step/max_steps": "3/9"}\n');
    const run = await trackRun(dir, {}, { ...later, clock: () => Date.now() + 700_000 }).read();
    expect(run.status).toBe("lost");
  });

  const root = process.env.MEDE2_SHARED ?? fileURLToPath(new URL("../../../../shared", import.meta.url));
  const real = join(root, "data/engine_runs");
  it.skipIf(!existsSync(real))("that real programs wrote", async () => {
    const of = async (name: string) => read(join(real, name));
    const healthy = await of("ms-swift/sft");
    expect(healthy).toMatchObject({
      kind: "sft",
      status: "finished",
      bad: { count: 0 },
      state: { step: 10, steps: 10 },
    });
    expect(healthy.state.losses.first).toBeCloseTo(11.97859764, 8);
    const dpo = await of("ms-swift/dpo-reference-stage1");
    expect([dpo.kind, dpo.status, dpo.state.step]).toEqual(["preference", "finished", 4]);
    const nan = await of("ms-swift/nan");
    expect(nan.state.latest?.nonFinite).toEqual(["loss", "gradientNorm"]);
    const resumed = await of("ms-swift/killed-and-resumed");
    expect(resumed.state.step).toBe(60);
    const steps = resumed.state.curve.points.map(({ step }) => step);
    expect(new Set(steps).size).toBe(steps.length);
    expect((await of("ms-swift/jit-checkpoint-on-term")).status).toBe("stopped");
    expect((await of("trl")).state.latest?.rewards?.accuracy).toBeTypeOf("number");
    const table = join(folder, "steps.csv");
    expect(await exportCsv(join(real, "ms-swift/sft"), table)).toBe(10);
  });
});
