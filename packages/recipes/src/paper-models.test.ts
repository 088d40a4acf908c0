import { trainingPlanSchema } from "@mede2/schemas";
import { modelSize, trainedParameters } from "@mede2/trainer";
import { describe, expect, it } from "vitest";
import { estimateOnGpus, gpuMachines } from "./paper-estimate.ts";
import { paperModel, paperModelNames } from "./paper-models.ts";
import { m1Plan, medE2Stage1Plan, medE2Stage2Plan, type PaperPlanSettings } from "./paper-plans.ts";

/** Parameters as the published weight files hold them (`metadata.total_size` of the shard indexes ÷ 2, or the Hub's own count). */
const published: Readonly<Record<string, number>> = {
  "qwen2.5-vl-3b": 3_754_622_976,
  "qwen2.5-vl-7b": 8_292_166_656,
  "qwen2.5-vl-32b": 33_452_718_336,
  "qwen2.5-vl-72b": 73_410_777_344,
  "internvl3-8b": 7_944_373_760,
  "internvl3-38b": 38_388_164_992,
  "qwen2.5-7b": 7_615_616_512,
  "qwen2.5-32b": 32_763_876_352,
};

const settings: PaperPlanSettings = {
  workspace: "/w",
  model: "/w/models/base",
  processor: {
    template: { hash: "a".repeat(64) },
    images: { minPixels: 3136, maxPixels: 12_845_056 },
  } as PaperPlanSettings["processor"],
  data: { path: "data/a.demonstrations.jsonl", sha256: "b".repeat(64) },
  seed: 1,
  threads: 4,
};

it.each(paperModelNames)("%s has the parameters of its published weights", (name) => {
  expect(modelSize(paperModel(name).config).parameters).toBe(published[name]);
});

describe("plans of papers", () => {
  it("are whole plans", () => {
    for (const method of ["lora", "qlora", "full"] as const)
      for (const plan of [medE2Stage1Plan({ ...settings, method }), medE2Stage2Plan({ ...settings, method })])
        expect(() => trainingPlanSchema.parse(plan)).not.toThrow();
    expect(medE2Stage2Plan({ ...settings, adapter: "/w/runs/a/checkpoints/step-1" })).toMatchObject({
      loss: { name: "dpo", beta: 0.1 },
      adapter: "runs/a/checkpoints/step-1",
      pixels: { max: 1_003_520 },
    });
    expect(m1Plan({ ...settings, processes: 32 }).batch.accumulation).toBe(32);
  });
});

describe("estimateOnGpus", () => {
  const { config } = paperModel("qwen2.5-vl-7b");
  const data = { records: 2000, meanTokens: 900, longestTokens: 4096, patches: 0 };

  it("counts the factors of LoRA as PEFT does", () => {
    // rank 16 on all seven projections of 28 layers: PEFT prints 40,370,176 for Qwen2.5-7B's decoder
    expect(trainedParameters(medE2Stage1Plan(settings), config)).toBe(40_370_176);
  });

  it("says that full fine-tuning of 7 B needs sharding, and LoRA one large processor", () => {
    const [small, one, eight] = gpuMachines;
    const full = medE2Stage1Plan({ ...settings, method: "full" });
    expect(estimateOnGpus(full, config, data, one!)).toMatchObject({ fits: false });
    // 16 bytes a trained parameter alone are 122 GB
    expect(estimateOnGpus(full, config, data, one!).bytesPerGpu).toBeGreaterThan(122e9);
    expect(estimateOnGpus(full, config, data, eight!)).toMatchObject({ fits: true });
    expect(estimateOnGpus(medE2Stage1Plan(settings), config, data, one!)).toMatchObject({
      ...{ fits: true, sharding: "none" },
    });
    const longest = estimateOnGpus(medE2Stage1Plan(settings), config, data, small!);
    expect(longest.bytesPerGpu).toBeGreaterThan(2 * 8.29e9);
  });

  it("in four bits 7 B fit a small processor, and 72 B one large", () => {
    const [small, one, eight] = gpuMachines;
    const plan = medE2Stage1Plan({ ...settings, method: "qlora" });
    expect(estimateOnGpus(plan, config, { ...data, longestTokens: 2048 }, small!).fits).toBe(true);
    const large = paperModel("qwen2.5-vl-72b").config;
    expect(estimateOnGpus(plan, large, data, one!)).toMatchObject({ fits: true, sharding: "none" });
    expect(estimateOnGpus(plan, large, data, eight!).sharding).not.toBe("zero3");
  });

  it("takes time in proportion to records and processors", () => {
    const plan = medE2Stage1Plan(settings);
    const [, one, eight] = gpuMachines;
    const alone = estimateOnGpus(plan, config, data, one!).seconds.low;
    expect(alone / estimateOnGpus(plan, config, data, eight!).seconds.low).toBeCloseTo(8);
    expect(estimateOnGpus(plan, config, { ...data, records: 4000 }, one!).seconds.low / alone).toBeCloseTo(2);
  });
});
