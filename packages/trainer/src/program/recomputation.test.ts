import { beforeAll, describe, expect, it } from "vitest";
import { goldenExamples, goldenModel, goldenTensors } from "../../test/golden-model.ts";
import { openCpuDevice } from "../device/cpu.ts";
import type { Device } from "../device/device.ts";
import { supervisedStep } from "../train/plan-batches.ts";
import { plannedMemory } from "../train/planned-memory.ts";
import { loraModules } from "../train/trained-keys.ts";
import { liveBytes } from "./live-bytes.ts";
import { newOptimiserState } from "./model-state.ts";
import { fittedGraph, type MemorySettings, type Recomputation } from "./recomputation.ts";
import { type StepSettings, trainStepGraph } from "./step-graph.ts";
import { createStepper } from "./stepper.ts";

let device: Device;
beforeAll(async () => {
  device = await openCpuDevice(2);
});

const levels = ["nothing", "cheap", "layers"] as const satisfies Recomputation[];

/** Settings, batches and examples for three rows of the golden model; with `lora` an adapter is trained. */
async function open(lora: boolean) {
  const model = goldenModel("checkpoint-untied");
  const tensors = goldenTensors("generation.safetensors");
  const { examples, reader } = goldenExamples(tensors, "left-padded.", 3, model, (_, s) => s > 1);
  const images = { kind: "tower", read: reader } as const;
  const { batches } = await supervisedStep(examples, { model, images, pad: 0, size: 3 });
  const adapter = { rank: 4, alpha: 8, targets: ["model.layers.*"] };
  const trained = new Map(
    lora
      ? loraModules(model, adapter).flatMap(({ a, b, inputs, outputs }) => [
          [a, [4, inputs]] as const,
          [b, [outputs, 4]] as const,
        ])
      : model.shapes,
  );
  const parameters = model.parameters as Map<string, Float32Array>;
  for (const [key, [rows = 1, columns = 1]] of lora ? trained : [])
    parameters.set(
      key,
      Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(1.7 * i) / 9),
    );
  const settings: StepSettings = {
    ...{ config: model.config, shapes: model.shapes, objective: { kind: "cross-entropy" } },
    optimiser: { betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0.01, clipNorm: 1 },
    trains: (key) => trained.has(key),
    ...(lora ? { lora: adapter } : {}),
  };
  return { model, settings, batches, trained };
}

describe.each([
  ["all weights", false],
  ["an adapter", true],
])("training %s", (_, lora) => {
  it("has the same bits whatever is computed again", async () => {
    const ends = [];
    for (const recompute of levels) {
      const { model, settings, batches, trained } = await open(lora);
      const stepper = createStepper(device, model, { ...settings, memory: { recompute } }, trained);
      const sizes = new Map([...trained.keys()].map((key) => [key, model.parameters.get(key)!.length]));
      const state = newOptimiserState(sizes);
      const results = [];
      for (let step = 0; step < 3; step++) results.push(await stepper.step(batches, state, 1e-3));
      await stepper.release();
      ends.push({
        results,
        weights: [...trained.keys()].map((key) =>
          Buffer.from(model.parameters.get(key)!.buffer).toString("base64"),
        ),
      });
    }
    expect(ends[1]).toEqual(ends[0]);
    expect(ends[2]).toEqual(ends[0]);
  });

  it("keeps less the more is computed again, and takes the least that fits", async () => {
    const { settings, batches } = await open(lora);
    const build = (recompute: Recomputation) => trainStepGraph(settings, batches[0]!.layout, recompute);
    const [nothing, cheap] = levels.map((level) => liveBytes(build(level))) as [number, number, number];
    expect(cheap).toBeLessThan(0.8 * nothing);
    const chosen = (memory: MemorySettings) => fittedGraph(build, memory).recompute;
    expect(chosen({ bytes: nothing, most: "layers" })).toBe("nothing");
    expect(chosen({ bytes: nothing - 1, most: "layers" })).toBe("cheap");
    expect(chosen({ bytes: cheap - 1, most: "layers" })).toBe("layers");
    expect(chosen({ bytes: 1, most: "cheap" })).toBe("cheap");
  });
});

describe("what a plan says of memory", () => {
  it("is honoured or refused", () => {
    expect(plannedMemory({})).toEqual({});
    expect(plannedMemory({ recompute: true })).toEqual({ memory: { recompute: "layers" } });
    expect(plannedMemory({ recompute: "cheap" })).toEqual({ memory: { recompute: "cheap" } });
    expect(plannedMemory({ activationMegabytes: 300 })).toEqual({ memory: { bytes: 3e8, most: "layers" } });
    for (const wrong of [
      { recompute: "all" },
      { activationMegabytes: 0 },
      { recompute: true, activationMegabytes: 1 },
    ])
      expect(() => plannedMemory(wrong)).toThrow(expect.objectContaining({ code: "memory-setting" }));
  });
});
