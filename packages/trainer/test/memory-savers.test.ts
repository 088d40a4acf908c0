import { existsSync } from "node:fs";
import { join } from "node:path";
import { readPeftFolder } from "@mede2/nn";
import { readSafetensors, toFloat32 } from "@mede2/safetensors";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadModel } from "../src/model/load-model.ts";
import { weightNumbers } from "../src/program/model-weights.ts";
import { checkpointName } from "../src/train/checkpoint.ts";
import { stopAfter } from "./stop-points.ts";
import { demonstration, type Fixture, ofType, openFixture, pair, type TestRun } from "./training-fixture.ts";

// Four-bit bases, eight-bit moments, Adafactor and averages of weights are compared with others in @mede2/nn. Here: that a plan with them trains, resumes and says what it wrote.

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.remove());

const lora = { rank: 4, alpha: 8, targets: ["model.layers.*"], dropout: 0, base: "nf4" as const };
const schedule = { name: "constant", learningRate: 5e-3, steps: 6 } as const;
const batch = { size: 2, accumulation: 1, maxTokens: 400, checkpointEvery: 3 };
const folderOf = (run: TestRun, step: number) => join(run.dir, "checkpoints", checkpointName(step));

describe("QLoRA", () => {
  it("keeps the layers in four bits, learns, evaluates and samples, and its folder is a PEFT folder of the base", async () => {
    const data = [
      await fixture.data("train.jsonl", [demonstration(0), demonstration(1)]),
      await fixture.data("held.jsonl", [demonstration(0)], "validation"),
    ];
    const run = await fixture.run(
      fixture.plan({ data, lora, schedule, batch: { ...batch, sampleEvery: 6, evaluateEvery: 6 } }),
    );
    const { checkpoint } = await run.start();
    const steps = await run.steps();
    expect(steps.at(-1)!.loss!).toBeLessThan(steps[0]!.loss!);
    const events = await run.events();
    expect(ofType(events, "evaluation-end").at(-1)!.metrics.loss!).toBeLessThan(steps[0]!.loss!);
    expect(ofType(events, "trace-written").length).toBe(1);
    const { lora: written, modules } = await readPeftFolder(checkpoint);
    expect([written.rank, modules.size]).toEqual([4, 14]);
  });

  it("starts a preference plan at ln 2 and resumes to the same bits", async () => {
    const data = [await fixture.data("pairs.jsonl", [pair(0), pair(1)])];
    const plan = fixture.plan({ kind: "preference", loss: { name: "dpo" }, data, lora, schedule, batch });
    const [whole, halves] = [await fixture.run(plan), await fixture.run(plan)];
    await whole.start();
    await halves.start(stopAfter(3));
    await halves.start();
    expect(halves.files(6)).toEqual(whole.files(6));
  });

  it("has no weight of a layer in numbers, and the numbers are near", async () => {
    const { state } = await loadModel(fixture.model, undefined, { nf4: true });
    const { state: plain } = await loadModel(fixture.model);
    expect([...state.nf4!.keys()].every((key) => !state.parameters.has(key))).toBe(true);
    expect(state.nf4!.size).toBe(14);
    for (const key of state.nf4!.keys()) {
      const [four, exact] = [weightNumbers(state, key), plain.parameters.get(key)!];
      const [error, size] = [four, exact].map((data) =>
        Math.sqrt(data.reduce((sum, x, i) => sum + (data === exact ? x : x - exact[i]!) ** 2, 0)),
      );
      expect(error! / size!, key).toBeLessThan(0.12);
    }
  });

  it("refuses DoRA before anything is computed", async () => {
    const data = [await fixture.data("train.jsonl", [demonstration(0)])];
    const run = await fixture.run(fixture.plan({ data, lora: { ...lora, dora: true } }));
    await expect(run.start()).rejects.toMatchObject({ code: "lora-dora" });
  });
});

const adafactor = { name: "adafactor", betas: [0, 0], epsilon: 1e-30, weightDecay: 0, clipNorm: 1 } as const;
const eightBit = {
  name: "adamw-8bit",
  betas: [0.9, 0.99],
  epsilon: 1e-8,
  weightDecay: 0.01,
  clipNorm: 1,
} as const;

describe.each([
  ["adafactor", adafactor],
  ["adafactor with scaled rates", { ...adafactor, scaleParameter: true, decay: 0.7, updateClip: 0.5 }],
  ["adamw-8bit", eightBit],
] as const)("%s", (name, optimiser) => {
  const learningRate = name === "adafactor with scaled rates" ? 2e-2 : 2e-3;
  const planned = async (more: object = {}) =>
    fixture.plan({
      data: [
        await fixture.data(
          "train.jsonl",
          [0, 1, 2, 3].map((n) => demonstration(n)),
        ),
      ],
      optimiser: { ...optimiser, betas: [...optimiser.betas] },
      schedule: { ...schedule, learningRate },
      batch: { ...batch, size: 4 },
      ...more,
    });

  it("learns, resumes to the same bits, and micro-batches add up to the step of one batch", async () => {
    const plan = await planned();
    const [whole, halves] = [await fixture.run(plan), await fixture.run(plan)];
    await whole.start();
    const steps = await whole.steps();
    expect(steps.at(-1)!.loss!).toBeLessThan(steps[0]!.loss!);
    await halves.start(stopAfter(3));
    await halves.start();
    expect(halves.files(6)).toEqual(whole.files(6));
    const parts = await fixture.run(await planned({ batch: { ...batch, size: 1, accumulation: 4 } }));
    await parts.start();
    for (const [n, step] of (await parts.steps()).entries())
      expect(Math.abs(step.loss! - steps[n]!.loss!)).toBeLessThan(2e-4);
  });

  it("keeps less than AdamW does", async () => {
    const run = await fixture.run(await planned());
    await run.start();
    const kept = readSafetensors(join(folderOf(run, 6), "trainer/optimiser.safetensors"));
    const bytes = [...kept.entries.keys()].reduce((sum, key) => sum + kept.tensor(key).data.byteLength, 0);
    const trained = readSafetensors(join(folderOf(run, 6), "model.safetensors"));
    const numbers = [...trained.entries]
      .filter(([key]) => !key.startsWith("visual."))
      .reduce((sum, [, { shape }]) => sum + shape.reduce((product, each) => product * each, 1), 0);
    expect(bytes).toBeLessThan((name === "adamw-8bit" ? 0.75 : 0.2) * 8 * numbers);
  });
});

it("a setting that an optimiser has not is refused by name", async () => {
  const data = [await fixture.data("train.jsonl", [demonstration(0)])];
  const refused = async (optimiser: object) => {
    const run = await fixture.run(
      fixture.plan({ data, optimiser: optimiser as typeof adafactor & object as never }),
    );
    return run.start().then(
      () => "ran",
      (error: Error) => error.message,
    );
  };
  expect(await refused({ ...eightBit, decay: 0.8 })).toContain("adamw-8bit has no decay");
  expect(await refused({ ...adafactor, momentum: 0.9 })).toContain("adafactor has no momentum");
  expect(await refused({ ...adafactor, betas: [0.9, 0.99] })).toContain("no first moment");
});

describe("an average of the weights", () => {
  const run = async (lora?: object, decay = 0.5) => {
    const data = [
      await fixture.data("train.jsonl", [demonstration(0), demonstration(1)]),
      await fixture.data("held.jsonl", [demonstration(0)], "validation"),
    ];
    const plan = fixture.plan({
      data,
      schedule: { ...schedule, steps: 3 },
      batch: { ...batch, checkpointEvery: 1, keepCheckpoints: 9 },
      ema: { decay },
      ...(lora === undefined ? {} : { lora: lora as never }),
    });
    return fixture.run(plan);
  };

  it.each([
    ["all weights", undefined, "model.safetensors"],
    ["an adapter", { rank: 2, alpha: 4, targets: ["q_proj"], dropout: 0 }, "adapter_model.safetensors"],
  ] as const)("of %s lies beside them, and is theirs", async (_, adapter, file) => {
    const made = await run(adapter);
    await made.start();
    const numbers = (step: number, folder: string) => {
      const read = readSafetensors(join(folderOf(made, step), folder, file));
      return [...read.entries.keys()].flatMap((key) => [...toFloat32(read.tensor(key))]);
    };
    let average = numbers(1, ".");
    expect(numbers(1, "ema")).toEqual(average);
    for (const step of [2, 3]) {
      const now = numbers(step, ".");
      average = average.map((x, i) => Math.fround(x + 0.5 * (now[i]! - x)));
      expect(numbers(step, "ema")).toEqual(average);
    }
    const tasks = ofType(await made.events(), "evaluation-end").map(({ task }) => task);
    expect(tasks).toEqual(["held-out-loss", "held-out-loss-of-average"]);
  });

  it("goes on after a resume as if nothing had been", async () => {
    const [whole, halves] = [await run(), await run()];
    await whole.start();
    await halves.start(stopAfter(2));
    await halves.start();
    const bytes = (made: TestRun) =>
      toFloat32(
        readSafetensors(join(folderOf(made, 3), "ema/model.safetensors")).tensor("model.norm.weight"),
      );
    expect([...bytes(halves)]).toEqual([...bytes(whole)]);
    expect(existsSync(join(folderOf(halves, 3), "ema/tokenizer.json"))).toBe(true);
  });
});
