import { GraphBuilder } from "@mede2/onnx";
import { readSafetensors } from "@mede2/safetensors";
import { expect, it } from "vitest";
import { maxDifference, relativeDifference } from "../../test/golden-cases.ts";
import { runGraph } from "../../test/run-graph.ts";
import { goldenJson, goldenPath } from "../../test/support/goldens.ts";
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
