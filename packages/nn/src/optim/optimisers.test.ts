import { GraphBuilder } from "@mede2/onnx";
import { readSafetensors } from "@mede2/safetensors";
import { expect, it } from "vitest";
import { maxDifference, relativeDifference } from "../../test/golden-cases.ts";
import { runGraph } from "../../test/run-graph.ts";
import { goldenJson, goldenPath } from "../../test/support/goldens.ts";
import { dynamicCode } from "../quantised/dynamic-8bit.ts";
import { adafactor, adafactorBeta2, adafactorShapes } from "./adafactor.ts";
import { adamW8Bit, newMoments8Bit } from "./adamw-8bit.ts";
import { moveAverage } from "./ema.ts";
import { isMuonMatrix, muon } from "./muon.ts";
import { learningRateAt, type ScheduleSettings } from "./schedule.ts";

it.each(["wide", "tall"])("four steps of Muon on a %s matrix as torch", async (name) => {
  const file = readSafetensors(goldenPath("families/optimisers/muon.safetensors"));
  const floats = (key: string) => file.tensor(`${name}.${key}`).data as Float32Array;
  const shape = file.entries.get(`${name}.start`)!.shape;
  const g = new GraphBuilder("muon");
  const input = (key: string) => g.input(key, "float32", shape);
  const each = { parameter: input("parameter"), gradient: input("gradient"), momentum: input("momentum") };
  const settings = { momentum: 0.9, weightDecay: 0.1 };
  const next = muon(g, each, settings, g.input("learningRate", "float32", []));
  g.output(next.parameter, "parameter:new");
  g.output(next.momentum, "momentum:new");
  let parameter = floats("start");
  let momentum = new Float32Array(parameter.length);
  for (let step = 0; step < 4; step++) {
    const gradient = floats(`grad.${step}`);
    const result = await runGraph(g, { parameter, gradient, momentum, learningRate: Float32Array.of(0.02) });
    parameter = result["parameter:new"]!;
    momentum = new Float32Array(result["momentum:new"]!);
    expect(relativeDifference(parameter, floats(`after.${step}`))).toBeLessThan(1e-5);
    expect(maxDifference(parameter, floats(`after.${step}`))).toBeLessThan(1e-5);
  }
});

it.each(["matrix", "rest"])("four steps of AdamW with 8-bit moments on %s as bitsandbytes", (name) => {
  const file = readSafetensors(goldenPath("families/optimisers/adamw-8bit.safetensors"));
  const floats = (key: string) => file.tensor(`${name}.${key}`).data as Float32Array;
  const ints = (key: string) => file.tensor(`${name}.${key}`).data as Int32Array;
  const parts = ["first", "second"] as const;
  for (let step = 0; step < 4; step++) {
    // every step from where bitsandbytes stood, so that a code that differs once is seen once
    const parameter = new Float32Array(floats(step === 0 ? "start" : `after.${step - 1}`));
    const moments = newMoments8Bit(parameter.length);
    for (const part of step === 0 ? [] : parts) {
      moments[part].codes.set(ints(`${part}.codes.${step - 1}`));
      moments[part].scales.set(floats(`${part}.scales.${step - 1}`));
    }
    const settings = { betas: [0.9, 0.99], epsilon: 1e-8, learningRate: 0.01, weightDecay: 0.1 } as const;
    adamW8Bit(parameter, floats(`grad.${step}`), moments, { ...settings, factor: 1, step: step + 1 });
    expect(maxDifference(parameter, floats(`after.${step}`))).toBeLessThan(1e-6);
    for (const part of parts) {
      expect(relativeDifference(moments[part].scales, floats(`${part}.scales.${step}`))).toBeLessThan(1e-6);
      const theirs = ints(`${part}.codes.${step}`);
      const values = dynamicCode(part === "first");
      const before = step === 0 ? undefined : ints(`${part}.codes.${step - 1}`);
      const scaleOf = (at: number, i: number) => floats(`${part}.scales.${at}`)[Math.floor(i / 256)]!;
      moments[part].codes.forEach((own, i) => {
        if (own === theirs[i]) return;
        // bitsandbytes' CPU code rounds a number over its block's largest to some 2⁻¹⁵ before it looks for the nearest value
        const g = floats(`grad.${step}`)[i]!;
        const old = before === undefined ? 0 : values[before[i]!]! * scaleOf(step - 1, i);
        const moment = part === "first" ? 0.9 * old + 0.1 * g : 0.99 * old + 0.01 * g * g;
        const [near, far] = [own, theirs[i]!].map((code) =>
          Math.abs(values[code]! - moment / scaleOf(step, i)),
        );
        expect(far! - near!, `${part} moment ${i}`).toBeLessThan(4e-5);
      });
    }
  }
});

it.each([
  ["plain", { decay: 0.8, updateClip: 1, scaleParameter: false }, 0],
  ["scaled", { decay: 0.6, updateClip: 0.5, scaleParameter: true }, 0.1],
] as const)("four steps of Adafactor, %s, as transformers", async (name, settings, weightDecay) => {
  const file = readSafetensors(goldenPath(`families/optimisers/adafactor-${name}.safetensors`));
  const keys = ["matrix", "vector", "kernel"];
  const g = new GraphBuilder("adafactor");
  const trained = keys.map((key) => {
    const { shape } = file.entries.get(`${key}.start`)!;
    const [first, second] = adafactorShapes(shape);
    return {
      ...{ key, decays: true },
      parameter: g.input(key, "float32", shape),
      gradient: g.input(`${key}:gradient`, "float32", shape),
      firstMoment: g.input(`${key}:first`, "float32", first),
      secondMoment: g.input(`${key}:second`, "float32", second),
    };
  });
  const scalar = (key: string) => g.input(key, "float32", []);
  const { updated } = adafactor(
    ...([g, trained] as const),
    { betas: [0, 0], epsilon: 1e-30, weightDecay, clipNorm: 1e9, adafactor: settings },
    { learningRate: scalar("learningRate"), beta2: scalar("beta2") },
  );
  for (const each of updated) {
    g.output(each.parameter, `${each.key}:new`);
    g.output(each.firstMoment, `${each.key}:first:new`);
    g.output(each.secondMoment, `${each.key}:second:new`);
  }
  const size = (shape: readonly (number | string | null)[]) =>
    shape.reduce<number>((product, each) => product * Number(each), 1);
  let state: Record<string, Float32Array> = Object.fromEntries(
    trained.flatMap(({ key, firstMoment, secondMoment }) => [
      [key, file.tensor(`${key}.start`).data as Float32Array],
      [`${key}:first`, new Float32Array(size(firstMoment.shape))],
      [`${key}:second`, new Float32Array(size(secondMoment.shape))],
    ]),
  );
  for (let step = 0; step < 4; step++) {
    const fed = Object.fromEntries(
      keys.map((key) => [`${key}:gradient`, file.tensor(`${key}.grad.${step}`).data as Float32Array]),
    );
    const beta2 = Float32Array.of(adafactorBeta2(step + 1, settings));
    const result = await runGraph(g, { ...state, ...fed, beta2, learningRate: Float32Array.of(0.02) });
    state = Object.fromEntries(Object.keys(state).map((key) => [key, result[`${key}:new`]!]));
    for (const key of keys)
      expect(
        maxDifference(state[key]!, file.tensor(`${key}.after.${step}`).data as Float32Array),
      ).toBeLessThan(1e-5);
  }
});

it("an average of weights over four steps as torch", () => {
  const file = readSafetensors(goldenPath("families/optimisers/average.safetensors"));
  const floats = (key: string) => file.tensor(key).data as Float32Array;
  const average = new Float32Array(floats("weights.0"));
  for (let step = 1; step < 4; step++) {
    moveAverage(average, floats(`weights.${step}`), 0.9);
    expect(maxDifference(average, floats(`average.${step}`))).toBeLessThan(1e-6);
  }
});

it("Muon takes matrices of layers and leaves the rest to AdamW", () => {
  expect(isMuonMatrix("model.layers.0.mlp.up_proj.weight", 2)).toBe(true);
  expect(isMuonMatrix("model.layers.0.self_attn.q_proj.lora_A", 2)).toBe(true);
  expect(isMuonMatrix("model.embed_tokens.weight", 2)).toBe(false);
  expect(isMuonMatrix("lm_head.weight", 2)).toBe(false);
  expect(isMuonMatrix("visual.patch_embed.proj.weight", 5)).toBe(false);
  expect(isMuonMatrix("model.norm.weight", 1)).toBe(false);
});

const golden = goldenJson<Record<string, number[]>>("families/optimisers/schedules.json");

it.each([
  ["linear", {}],
  ["cosine", {}],
  ["constant", {}],
  ["wsd", { decaySteps: 6 }],
] as const)("schedule %s as transformers", (name, more) => {
  const settings = { name, learningRate: 0.5, warmupSteps: 4, steps: 20, minLearningRate: 0, ...more };
  golden[name]!.forEach((rate, i) => {
    expect(learningRateAt(i + 1, settings), `step ${i + 1}`).toBeCloseTo(rate, 9);
  });
});

it("wsd falls to its minimum, which the warm-up does not start from", () => {
  const settings: ScheduleSettings = {
    ...{ name: "wsd", learningRate: 1, warmupSteps: 4, steps: 20 },
    ...{ minLearningRate: 0.1, decaySteps: 6 },
  };
  expect([1, 4, 14, 17, 20].map((step) => learningRateAt(step, settings))).toEqual([
    0.25,
    1,
    1,
    expect.closeTo(0.55, 9),
    expect.closeTo(0.1, 9),
  ]);
});
