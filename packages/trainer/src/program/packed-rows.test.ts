import { beforeAll, describe, expect, it } from "vitest";
import { goldenExamples, goldenModel, goldenTensors, relativeDifference } from "../../test/golden-model.ts";
import { openCpuDevice } from "../device/cpu.ts";
import type { Device } from "../device/device.ts";
import { supervisedStep } from "../train/plan-batches.ts";
import { newOptimiserState } from "./model-state.ts";
import { packedBias, packedRow, packRows } from "./packed-rows.ts";
import { createStepper } from "./stepper.ts";

let device: Device;
beforeAll(async () => {
  device = await openCpuDevice(2);
});

describe("rows that examples share", () => {
  it("hold every example once, none is longer than the longest, and they are few", () => {
    const lengths = [30, 100, 20, 70, 60, 40, 10, 100];
    const rows = packRows(lengths, 100);
    expect(rows.flat().sort()).toEqual([...lengths.keys()]);
    expect(rows.map((row) => row.reduce((sum, n) => sum + lengths[n]!, 0))).toEqual([100, 100, 100, 100, 30]);
    expect(packRows([5, 5], 5)).toEqual([[0], [1]]);
  });

  it("show a token what is before it in its own example, and nothing else", () => {
    const model = goldenModel("checkpoint-untied");
    const { examples } = goldenExamples(
      goldenTensors("generation.safetensors"),
      "left-padded.",
      3,
      model,
      () => true,
    );
    const row = packedRow(examples.slice(0, 2), model.config);
    const [a, b] = examples.map(({ tokens }) => tokens.length) as [number, number];
    expect(row.starts).toEqual([0, a]);
    const length = a + b + 2;
    const bias = packedBias([row], length);
    for (let s = 0; s < a + b; s++)
      for (let t = 0; t < length; t++)
        expect(bias[s * length + t] === 0, `${s} sees ${t}`).toBe(t <= s && t >= a === s >= a);
    expect(row.positions[a]).toBe(row.positions[0]);
  });

  it("have the loss and the gradients that examples have in rows of their own, pictures included", async () => {
    const results = [];
    for (const packing of [false, true]) {
      const model = goldenModel("checkpoint");
      const tensors = goldenTensors("generation.safetensors");
      const own = ["text", "image"].map((name) =>
        goldenExamples(tensors, `${name}.`, 1, model, (_, s) => s > 2),
      );
      const short = own[0]!.examples[0]!;
      const cut = (length: number, id: string) => ({
        ...short,
        id,
        tokens: short.tokens.slice(0, length),
        supervised: short.supervised.slice(0, length),
      });
      const examples = [own[1]!.examples[0]!, short, cut(6, "a"), cut(9, "b")];
      const images = { kind: "tower", read: own[1]!.reader } as const;
      const context = { model, images, pad: 0, size: 4, packing };
      const planned = await supervisedStep(examples, context);
      expect(planned.batches[0]!.layout.batch < 4).toBe(packing);
      const settings = {
        ...{ config: model.config, shapes: model.shapes, trains: () => true },
        objective: { kind: "cross-entropy" },
        optimiser: { betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0, clipNorm: 1 },
      } as const;
      const stepper = createStepper(device, model, settings, model.shapes);
      const sizes = new Map([...model.parameters].map(([key, data]) => [key, data.length]));
      const state = newOptimiserState(sizes);
      const result = await stepper.step(planned.batches, state, 1e-3);
      results.push({ ...result, first: state.first, tokens: planned.tokens });
      await stepper.release();
    }
    const [alone, together] = results as [(typeof results)[0], (typeof results)[0]];
    expect(together.tokens).toBe(alone.tokens);
    expect(Math.abs(together.loss / alone.loss - 1)).toBeLessThan(1e-6);
    expect(Math.abs(together.gradientNorm / alone.gradientNorm - 1)).toBeLessThan(1e-6);
    for (const [key, moment] of together.first)
      expect(relativeDifference(moment, alone.first.get(key)!), key).toBeLessThan(2e-5);
  });
});
