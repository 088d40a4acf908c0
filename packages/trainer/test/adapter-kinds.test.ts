import { chatMessage, promptStyles, questionPrompt } from "@mede2/llm";
import { readPeftFolder } from "@mede2/nn";
import { toFloat32 } from "@mede2/safetensors";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openCpuDevice } from "../src/device/cpu.ts";
import { encodeMessages } from "../src/examples/encode-example.ts";
import { loadModel } from "../src/model/load-model.ts";
import { createRowScorer } from "../src/program/row-log-probs.ts";
import { demonstration, type Fixture, ofType, openFixture } from "./training-fixture.ts";

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.remove());

const plain = { rank: 4, alpha: 8, targets: ["q_proj", "v_proj"], dropout: 0 };
const schedule = { name: "constant", learningRate: 5e-3, steps: 6 } as const;

it.each([
  ["rsLoRA", { ...plain, rs: true }],
  ["DoRA", { ...plain, dora: true }],
  ["LoRA+", { ...plain, bRate: 8 }],
])("%s starts as the base, learns, and its folder merges to the model that was trained", async (_, lora) => {
  const data = [
    await fixture.data("train.jsonl", [demonstration(0), demonstration(1)]),
    await fixture.data("held.jsonl", [demonstration(0)], "validation"),
  ];
  const run = await fixture.run(fixture.plan({ data, lora, schedule }));
  const { checkpoint } = await run.start();
  const steps = await run.steps();
  expect(steps.at(-1)!.loss!).toBeLessThan(steps[0]!.loss!);
  const peft = await readPeftFolder(checkpoint);
  expect(peft.lora.dora ?? false).toBe("dora" in lora);
  const moved = [...peft.modules.values()].map(({ b }) => toFloat32(b).some((x) => x !== 0));
  expect(moved).not.toContain(false);

  const { state, folder } = await loadModel(fixture.model, checkpoint);
  const processor = await folder.processor();
  const device = await openCpuDevice(1);
  const images = { kind: "kept", features: { of: async () => [], release: async () => {} } } as const;
  const scorer = createRowScorer(device, state, { ...state, batch: 1, pad: 0, images });
  const { question, trace } = demonstration(0);
  const messages = [...questionPrompt(question, promptStyles.reason), chatMessage("assistant", trace.text)];
  const [score] = await scorer.score([encodeMessages({ config: state.config, processor }, "x", messages)]);
  const held = ofType(await run.events(), "evaluation-end").at(-1)!.metrics.loss!;
  expect(-score!.logProb / score!.tokens).toBeCloseTo(held, 4);
  await scorer.release();
});

it("LoRA+ moves B as many times faster as its ratio says, at the first step", async () => {
  const data = [await fixture.data("train.jsonl", [demonstration(0), demonstration(1)])];
  const one = { name: "constant", learningRate: 1e-3, steps: 1 } as const;
  const optimiser = {
    name: "adamw",
    betas: [0.9, 0.99],
    epsilon: 1e-12,
    weightDecay: 0,
    clipNorm: 1,
  } as const;
  const factorsOf = async (lora: typeof plain & { bRate?: number }) => {
    const run = await fixture.run(
      fixture.plan({ data, lora, schedule: one, optimiser: { ...optimiser, betas: [0.9, 0.99] } }),
    );
    const { modules } = await readPeftFolder((await run.start()).checkpoint);
    return [...modules.values()];
  };
  const [slow, fast] = [await factorsOf(plain), await factorsOf({ ...plain, bRate: 8 })];
  slow.forEach(({ a, b }, i) => {
    const [b1, b8] = [toFloat32(b), toFloat32(fast[i]!.b)];
    b1.forEach((x, k) => {
      expect(b8[k]!).toBeCloseTo(8 * x, 6);
    });
    expect(toFloat32(fast[i]!.a)).toEqual(toFloat32(a));
  });
});
