import { readModelConfig } from "@mede2/nn";
import type { TrainingPlan } from "@mede2/schemas";
import { modelSize, trainedParameters } from "@mede2/trainer";
import { describe, expect, it } from "vitest";
import { engineSettings } from "../settings.ts";
import { memoryEstimate } from "./memory.ts";
import { runEstimate } from "./run-estimate.ts";

/** config.json of Qwen2.5-VL-7B-Instruct, as far as sizes go. */
const config = readModelConfig({
  ...{ model_type: "qwen2_5_vl", hidden_size: 3584, intermediate_size: 18944, num_hidden_layers: 28 },
  ...{ num_attention_heads: 28, num_key_value_heads: 4, vocab_size: 152064, max_position_embeddings: 128000 },
  ...{ rms_norm_eps: 1e-6, rope_theta: 1e6, rope_scaling: { type: "mrope", mrope_section: [16, 24, 24] } },
  ...{ tie_word_embeddings: false, hidden_act: "silu", torch_dtype: "bfloat16" },
  ...{
    image_token_id: 151655,
    video_token_id: 151656,
    vision_start_token_id: 151652,
    vision_end_token_id: 151653,
  },
  vision_config: {
    ...{
      depth: 32,
      hidden_size: 1280,
      intermediate_size: 3420,
      num_heads: 16,
      out_hidden_size: 3584,
      in_chans: 3,
    },
    ...{
      patch_size: 14,
      spatial_merge_size: 2,
      temporal_patch_size: 2,
      window_size: 112,
      tokens_per_second: 2,
    },
    ...{ fullatt_block_indexes: [7, 15, 23, 31], hidden_act: "silu" },
  },
});
const linear = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"];
const lora = { rank: 16, alpha: 32, targets: linear, dropout: 0 };
const plan = (more: Partial<TrainingPlan>): TrainingPlan =>
  ({
    ...{
      record: "plan",
      v: 1,
      kind: "sft",
      recipe: "t",
      data: [],
      seed: 1,
      threads: 1,
      model: "m",
      freeze: ["visual."],
    },
    ...{ loss: { name: "cross-entropy" }, device: "cuda", engine: "ms-swift", settings: { recompute: true } },
    schedule: { name: "constant", learningRate: 1e-4, epochs: 3 },
    batch: { size: 1, accumulation: 16, maxTokens: 4096, checkpointEvery: 50 },
    ...more,
  }) as TrainingPlan;
const lengths = { longest: 4096, longestAnswer: 1024, patches: 0 };
const gib = (given: TrainingPlan) => {
  const estimate = memoryEstimate(
    given,
    engineSettings(given),
    modelSize(config),
    trainedParameters(given, config),
    lengths,
  );
  return Object.fromEntries(Object.entries(estimate).map(([name, bytes]) => [name, bytes / 2 ** 30]));
};
const eight = { launcher: { name: "slurm", gpusPerNode: 8 } as { name: "slurm" } };

describe("sizes", () => {
  it("are those of the published checkpoint: 16,584,333,312 bytes in bfloat16", () => {
    expect(modelSize(config).parameters * 2).toBe(16_584_333_312);
  });

  it("of LoRA of rank 16 on all layers of the decoder", () => {
    // 28 · 16 · (2·(3584+3584) + 2·(3584+512) + 3·(3584+18944))
    expect(trainedParameters(plan({ lora }), config)).toBe(40_370_176);
  });
});

describe("memory of a GPU", () => {
  it("LoRA: weights in bfloat16; NF4 needs about a third", () => {
    const whole = gib(plan({ lora }));
    expect(whole.weights).toBeCloseTo(15.45, 2);
    expect(whole.training).toBeCloseTo((40_370_176 * 16) / 2 ** 30, 6);
    expect(whole.total).toBeGreaterThan(17);
    const four = gib(plan({ lora: { ...lora, base: "nf4" } }));
    expect(four.weights).toBeLessThan(0.42 * whole.weights!);
    expect(four.total).toBeLessThan(24);
  });

  it("full: what ZeRO shares is divided, what it does not share is whole", () => {
    const alone = gib(plan({ freeze: [] }));
    const [two, three] = ["zero2", "zero3"].map((parallelism) =>
      gib(plan({ freeze: [], ...eight, settings: { recompute: true, parallelism } })),
    );
    expect(two!.weights).toBeCloseTo(alone.weights!, 6);
    // an eighth, and the linear layers of two of the 28 layers, gathered
    const gathered = (2 * 2 * modelSize(config).linear) / 28 / 2 ** 30;
    expect(three!.weights).toBeCloseTo(alone.weights! / 8 + gathered, 6);
    // gradients in bfloat16, master weights and moments in float32, over eight GPUs
    expect(two!.training).toBeCloseTo((8_292_166_656 * 14) / 8 / 2 ** 30, 4);
    const pairs = plan({ kind: "preference", loss: { name: "dpo", beta: 0.1 }, freeze: [], ...eight });
    expect(gib(pairs).reference).toBeCloseTo(alone.weights!, 6);
  });

  it("full, without DeepSpeed: bfloat16 throughout, 6 bytes a trained parameter", () => {
    expect(gib(plan({})).training).toBeCloseTo((6 * trainedParameters(plan({}), config)) / 2 ** 30, 6);
  });

  it("logits: those of answers on ms-swift, of every position on TRL", () => {
    const [own, all] = (["ms-swift", "trl"] as const).map((engine) => gib(plan({ lora, engine })).logits!);
    expect(own).toBeCloseTo((1024 * 152_064 * 10) / 2 ** 30, 6);
    expect(all! / own!).toBeCloseTo(4, 6);
  });

  it("activations: recomputing keeps one layer and the inputs of the others", () => {
    const recomputed = gib(plan({ lora })).activations!;
    const kept = gib(plan({ lora, settings: {} })).activations!;
    expect(kept / recomputed).toBeGreaterThan(8);
  });
});

describe("a run", () => {
  it("has steps, disk, and on a known GPU a time that falls with their number", () => {
    const facts = {
      ...{ rows: 2000, longest: 4096, tokens: 2000 * 900, longestAnswer: 1024, patches: 0, allPatches: 0 },
    };
    const of = (more: Partial<TrainingPlan>) =>
      runEstimate(plan({ lora, settings: { recompute: true, gpu: "a100-80" }, ...more }), { config }, facts);
    expect(of({}).steps).toBe(375);
    expect(of({}).seconds! / of(eight).seconds!).toBeCloseTo(8, 6);
    expect(of({}).diskBytes).toBe(3 * 40_370_176 * 16);
  });
});
