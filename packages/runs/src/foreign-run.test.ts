import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { fakeHost } from "../test/fake-run.ts";
import { eventBatches, exportCsv, foreignReader, trackRun } from "./index.ts";

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

  /** Events of a folder with this log and these arguments. */
  const eventsOf = async (lines: readonly string[], args?: object) => {
    const dir = fresh();
    writeFileSync(join(dir, "logging.jsonl"), lines.map((line) => `${line}\n`).join(""));
    if (args !== undefined) writeFileSync(join(dir, "args.json"), JSON.stringify(args));
    const events = [];
    for await (const batch of eventBatches(dir)) events.push(...batch);
    return { dir, events, types: events.map(({ type }) => type) };
  };
  const at = (step: number, steps: number, rest = '"loss": 1.5') =>
    `{${rest}, "global_step/max_steps": "${step}/${steps}"}`;
  const closing = (step: number, history: readonly object[] = []) =>
    JSON.stringify({ last_model_checkpoint: null, global_step: step, log_history: history });

  it("of ms-swift: its learning rate is the next step's", async () => {
    const rate = (value: string) => `"loss": 1, "learning_rate": ${value}`;
    const { events } = await eventsOf([
      at(1, 3, rate("5e-05")),
      at(2, 3, rate("1e-04")),
      at(3, 3, rate("0.0")),
    ]);
    expect(events.filter(({ type }) => type === "step-end")).toMatchObject([
      { step: 1 },
      { step: 2, learningRate: 5e-5 },
      { step: 3, learningRate: 1e-4 },
    ]);
    expect(events.find(({ type }) => type === "step-end")).not.toHaveProperty("learningRate");
  });

  it("of ms-swift: rewards of a mix of losses are divided by the sum of its weights", async () => {
    const line = at(
      2,
      4,
      '"loss": 12.4, "nll_loss": 11.6, "rewards/chosen": 0.006, "rewards/margins": 0.004',
    );
    const mix = { loss_type: ["sigmoid", "bco_pair", "sft"], loss_weights: [0.8, 0.2, 1.0] };
    const mixed = (await eventsOf([line], mix)).events.at(-1);
    expect(mixed).toMatchObject({ nll: 11.6, rewards: { chosen: 0.003, margin: 0.002 } });
    const plain = (await eventsOf([line], { loss_type: "sigmoid", loss_weights: null })).events.at(-1);
    expect(plain).toMatchObject({ rewards: { chosen: 0.006, margin: 0.004 } });
  });

  it("of ms-swift: an end record after a crash is a failure, one after the end is nothing", async () => {
    const crashed = await eventsOf([at(1, 8), at(5, 8), closing(5)]);
    expect(crashed.events.at(-1)).toMatchObject({ type: "run-failed", code: "engine-died" });
    expect((await read(crashed.dir)).status).toBe("failed");
    const ended = at(8, 8, '"train_runtime": 2.0, "train_loss": 1.0');
    expect((await eventsOf([at(8, 8), ended, closing(8)])).types).toEqual([
      "progress",
      "step-end",
      "run-finished",
    ]);
  });

  it("of ms-swift: where the lines are missing, the end record's history counts", async () => {
    const history = [
      { loss: 2, learning_rate: 1e-4, step: 1 },
      { loss: 1, grad_norm: "nan", step: 2 },
      { train_runtime: 1, train_loss: 1.5, step: 2 },
    ];
    const { events, types } = await eventsOf([closing(2, history)]);
    expect(types).toEqual(["step-end", "step-end", "run-finished"]);
    expect(events[1]).toMatchObject({ step: 2, nonFinite: ["gradientNorm"] });
  });

  it("of ms-swift: a resume and a second run in one log", async () => {
    const resumed = await eventsOf([at(15, 60), at(16, 60), at(17, 60), at(16, 60), at(17, 60)]);
    expect(resumed.types).toEqual([
      "progress",
      "step-end",
      "step-end",
      "step-end",
      "warning",
      "step-end",
      "step-end",
    ]);
    const ended = at(2, 2, '"train_runtime": 2.0');
    const second = await eventsOf([at(1, 2), at(2, 2), ended, closing(2), at(1, 2)]);
    expect(second.events.filter(({ type }) => type === "warning")).toMatchObject([
      { code: "log-second-run" },
    ]);
    expect((await read(second.dir)).status).toBe("running");
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

  it("of TRL while it trains: the newest checkpoint that has a state, and its end", async () => {
    const dir = fresh();
    const save = (step: number, steps = 6) => {
      mkdirSync(join(dir, `checkpoint-${step}`), { recursive: true });
      const log_history = Array.from({ length: step }, (_, index) => ({
        step: index + 1,
        loss: 2 - index / 10,
      }));
      const state = JSON.stringify({ global_step: step, max_steps: steps, log_history });
      writeFileSync(join(dir, `checkpoint-${step}`, "trainer_state.json"), state);
    };
    save(2);
    const tracker = trackRun(dir, {}, later);
    expect(await tracker.read()).toMatchObject({
      status: "running",
      state: { step: 2, steps: 6, events: 3 },
    });
    mkdirSync(join(dir, "checkpoint-4")); // its weights are being written
    expect(await tracker.read()).toMatchObject({ state: { step: 2 }, bad: { count: 0 } });
    save(4);
    rmSync(join(dir, "checkpoint-2"), { recursive: true }); // save_total_limit: 1
    const further = await tracker.read();
    expect(further).toMatchObject({ status: "running", state: { step: 4, events: 5, duplicates: 0 } });
    expect(further.log).toBe(join(dir, "checkpoint-4", "trainer_state.json"));
    save(6);
    expect(await tracker.read()).toMatchObject({
      status: "finished",
      state: { step: 6, losses: { last: 1.5 } },
    });
    expect((await read(dir)).status).toBe("finished");
    save(8, 12); // resumed with more steps
    expect(await tracker.read()).toMatchObject({ status: "running", state: { step: 8, steps: 12 } });
  });

  it("of any length are read in pieces", async () => {
    const dir = fresh();
    const lines = Array.from({ length: 60_000 }, (_, index) =>
      at(index + 1, 60_000, `"loss": 1.5, "pad": "${"x".repeat(60)}"`),
    );
    writeFileSync(join(dir, "logging.jsonl"), `${lines.join("\n")}\n`);
    const reader = foreignReader({ program: "ms-swift", file: join(dir, "logging.jsonl") });
    const first = await reader.read();
    expect([first.more, first.offset > 1 << 21, first.offset <= 1 << 22]).toEqual([true, true, true]);
    let steps = first.events.length;
    for (let more = first.more; more; ) {
      const batch = await reader.read();
      steps += batch.events.length;
      ({ more } = batch);
    }
    expect(steps).toBe(60_001); // and one that says how many there are
  });

  it("of ms-swift: a log that is rotated, between two looks and with lines that nobody had read", async () => {
    const dir = fresh();
    const log = join(dir, "logging.jsonl");
    const line = (step: number) => `{"loss": ${step}.5, "global_step/max_steps": "${step}/9"}\n`;
    const reader = foreignReader({ program: "ms-swift", file: log });
    const steps: number[] = [];
    let resets = 0;
    const take = async () => {
      for (;;) {
        const { events, reset, more } = await reader.read();
        if (reset) resets += 1;
        for (const event of events)
          if (event.type === "step-end") steps.push((event as { step: number }).step);
        if (!more) return;
      }
    };
    writeFileSync(log, line(1) + line(2));
    await take();
    appendFileSync(log, line(3) + line(4));
    renameSync(log, `${log}.1`);
    await take();
    writeFileSync(log, line(5));
    await take();
    appendFileSync(log, line(6));
    renameSync(log, `${log}.2`);
    writeFileSync(log, line(7));
    await take();
    expect(steps).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(resets).toBe(2);
    writeFileSync(log, line(8).trimEnd()); // cut where it stands
    await take();
    expect(steps).toHaveLength(7);
    appendFileSync(log, "\n");
    await take();
    expect(steps.at(-1)).toBe(8);
  });

  it("of any trainer of transformers, as it was printed: dictionaries of Python among other words", async () => {
    const file = join(fresh(), "stdout.log");
    writeFileSync(
      file,
      [
        "Loading weights: 100%|##########| 104/104 [00:00<00:00, 12879.26it/s]",
        " 33%|###   | 1/3 [00:01<00:02]\r{'loss': '0.6928', 'grad_norm': '0.8935', 'rewards/margins': '-0.5', 'epoch': '0.01042'}",
        "{'loss': 0.5, \"grad_norm\": nan, 'learning_rate': 5e-05, 'note': None, 'epoch': 0.2}",
        "{'eval_loss': '0.4', 'eval_runtime': '1.5', 'epoch': '0.2'}",
        "{'loss': '0.4', 'epoch",
        "{'train_runtime': '1.984', 'train_loss': '0.6906', 'epoch': '0.03125'}",
        "",
      ].join("\n"),
    );
    const { events, bad } = await foreignReader({ program: "transformers", file }).read();
    expect(bad).toEqual([]);
    expect(events).toMatchObject([
      { type: "step-end", step: 1, loss: 0.6928, gradientNorm: 0.8935, rewards: { margin: -0.5 } },
      { type: "step-end", step: 2, loss: 0.5, learningRate: 5e-5, nonFinite: ["gradientNorm"] },
      { type: "evaluation-end", step: 2, metrics: { loss: 0.4 } },
      { type: "run-finished", summary: { train_loss: 0.6906 } },
    ]);
  });

  it("that are silent for long are lost", async () => {
    const dir = fresh();
    writeFileSync(join(dir, "logging.jsonl"), '{"loss": 1.0, "global_step/max_steps": "3/9"}\n');
    const after = (seconds: number, of: string) =>
      trackRun(of, {}, { ...later, clock: () => Date.now() + seconds * 1000 }).read();
    expect(await after(500, dir)).toMatchObject({ status: "running", alarms: [] });
    expect((await after(700, dir)).status).toBe("lost");
    const trl = fresh();
    const log_history = [{ step: 1, loss: 1 }];
    writeFileSync(
      join(trl, "trainer_state.json"),
      JSON.stringify({ global_step: 1, max_steps: 8, log_history }),
    );
    expect((await after(3000, trl)).status).toBe("running");
    expect((await after(4000, trl)).status).toBe("lost");
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
    // what each log must give: events by type, and the status
    const verdicts: Record<string, [counts: Record<string, number>, status: string]> = {
      sft: [{ progress: 1, "step-end": 10, "evaluation-end": 2, "run-finished": 1 }, "finished"],
      "dpo-reference-stage1": [{ progress: 1, "step-end": 4, "run-finished": 1 }, "finished"],
      "dpo-reference-base-by-mistake": [{ progress: 1, "step-end": 4, "run-finished": 1 }, "finished"],
      mpo: [{ progress: 1, "step-end": 4, "run-finished": 1 }, "finished"],
      "killed-and-resumed": [{ progress: 1, "step-end": 61, warning: 1, "run-finished": 1 }, "finished"],
      "second-run-appended": [
        { progress: 1, "step-end": 2, warning: 1, "run-resumed": 1, "run-finished": 2 },
        "finished",
      ],
      nan: [{ progress: 1, "step-end": 4, "run-finished": 1 }, "finished"],
      "pai-variable-set": [{ "step-end": 2, "run-finished": 1 }, "finished"],
      "bad-image-crash": [{ progress: 1, "step-end": 5, "run-failed": 1 }, "failed"],
      "two-processes": [{ progress: 1, "step-end": 4, "run-finished": 1 }, "finished"],
      "full-resume-silently-base": [{ progress: 1, "step-end": 3, "run-finished": 1 }, "finished"],
      "jit-checkpoint-on-term": [{ progress: 1, "step-end": 25, "run-stopped": 1 }, "stopped"],
    };
    for (const [name, [counts, status]] of Object.entries(verdicts)) {
      const found: Record<string, number> = {};
      for await (const batch of eventBatches(join(real, "ms-swift", name)))
        for (const { type } of batch) found[type] = (found[type] ?? 0) + 1;
      expect([name, found]).toEqual([name, counts]);
      expect([name, (await of(`ms-swift/${name}`)).status]).toEqual([name, status]);
    }
    const raw = readFileSync(join(real, "ms-swift/mpo/logging.jsonl"), "utf8");
    const margin = Number(/"rewards\/margins": ([-\d.e]+)[^\n]*"4\/4"/.exec(raw)?.[1]);
    expect((await of("ms-swift/mpo")).state.latest?.rewards?.margin).toBeCloseTo(margin / 2, 12);
    const table = join(folder, "steps.csv");
    expect(await exportCsv(join(real, "ms-swift/sft"), table)).toBe(10);
  });
});
