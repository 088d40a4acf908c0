import { relative } from "node:path";
import type { Processor } from "@mede2/nn";
import type { Lora, TrainingPlan } from "@mede2/schemas";
import { greedy } from "./plan-parts.ts";

/** What a recipe of a paper must be told. What the paper states, and what it leaves open, is in docs/papers.md. */
export type PaperPlanSettings = {
  readonly workspace: string;
  /** Folder of the base, or of the model that the stage before it left. */
  readonly model: string;
  readonly processor: Pick<Processor, "template" | "images">;
  readonly data: { readonly path: string; readonly sha256: string };
  readonly seed: number;
  readonly threads: number;
  /** Default: LoRA; "qlora" keeps the frozen base in four bits. */
  readonly method?: "lora" | "qlora" | "full";
  /** Default: ms-swift on CUDA. The embedded engine takes the same settings for a model that fits it. */
  readonly engine?: TrainingPlan["engine"];
  /** Processes that share a batch; it must divide among them. Default: 1. */
  readonly processes?: number;
  /** Stage II only: the adapter that Stage I left, which is trained on and is the reference. */
  readonly adapter?: string;
};

/** Every linear layer of the decoder; the vision tower and its projector stay as they are. */
const lora = (rank: number, method: PaperPlanSettings["method"]): Lora => ({
  rank,
  alpha: 2 * rank,
  targets: ["model.layers.*_proj"],
  dropout: 0,
  ...(method === "qlora" ? { base: "nf4" } : {}),
});

/** Pixels of an image at most: 1280 units of 28 × 28, the limit that Qwen's own fine-tuning scripts propose. */
const mostPixels = 1280 * 28 * 28;

function common(settings: PaperPlanSettings, maxTokens: number, epochs: number, perStep: number) {
  const { workspace, model, processor, seed, threads, engine = "ms-swift", processes = 1 } = settings;
  const { minPixels, maxPixels } = processor.images;
  // 1 record a process at a time; more processes than records a step make a larger step
  const accumulation = Math.max(perStep, processes);
  return {
    ...{ record: "plan" as const, v: 1 as const },
    ...{ model: relative(workspace, model), seed, threads, engine, epochs },
    device: engine === "embedded" ? ("cpu" as const) : ("cuda" as const),
    templateHash: processor.template.hash,
    // the embedded engine sees images as the model's own processor makes them
    pixels: { min: minPixels, max: engine === "embedded" ? maxPixels : Math.min(maxPixels, mostPixels) },
    batch: { size: 1, accumulation, maxTokens, checkpointEvery: 50, keepCheckpoints: 2 },
    freeze: ["visual."],
    decoding: { ...greedy, maxTokens: 2048 },
    // without it the activations of 4,096 tokens alone fill a processor of 80 GB
    ...(engine === "embedded" ? {} : { settings: { recompute: true } }),
  };
}

/** The file that is learnt from, behind prompts that ask for a chain and the letter of an option. */
function learning({ data }: PaperPlanSettings, split: "stage1" | "stage2"): TrainingPlan["data"] {
  const asked: TrainingPlan["data"][number] & { readonly promptStyle: string } = {
    ...{ ...data, split, promptStyle: "reason-labels" },
  };
  return [asked];
}

/** Settings of AdamW in the published script of m1, which the recipes of its authors share. */
const m1Optimiser: TrainingPlan["optimiser"] = {
  name: "adamw",
  betas: [0.9, 0.95],
  epsilon: 1e-8,
  weightDecay: 1e-4,
  clipNorm: 1,
};

/** MedE² Stage I (arXiv 2505.23118): fine-tuning on 2,000 demonstrations in text. The rest is not published: see docs/papers.md. */
export function medE2Stage1Plan(settings: PaperPlanSettings): TrainingPlan {
  const full = settings.method === "full";
  const { epochs, ...rest } = common(settings, 4096, full ? 5 : 3, 16);
  return {
    ...rest,
    ...{ kind: "sft", recipe: "mede2-stage1", loss: { name: "cross-entropy" } },
    data: learning(settings, "stage1"),
    optimiser: m1Optimiser,
    schedule: { name: "cosine", learningRate: full ? 1e-5 : 1e-4, warmupRatio: 0.05, epochs },
    ...(full ? {} : { lora: lora(16, settings.method) }),
  };
}

/** MedE² Stage II: DPO on pairs of 1,500 multimodal cases, from Stage I, which is the reference. */
export function medE2Stage2Plan(settings: PaperPlanSettings): TrainingPlan {
  const full = settings.method === "full";
  const { epochs, ...rest } = common(settings, 4096, 1, 16);
  return {
    ...rest,
    ...{ kind: "preference", recipe: "mede2-stage2", loss: { name: "dpo", beta: 0.1 } },
    data: learning(settings, "stage2"),
    optimiser: m1Optimiser,
    schedule: { name: "cosine", learningRate: full ? 2e-7 : 5e-6, warmupRatio: 0.03, epochs },
    ...(full ? {} : { lora: lora(16, settings.method) }),
    ...(settings.adapter === undefined ? {} : { adapter: relative(settings.workspace, settings.adapter) }),
  };
}

/** Supervised fine-tuning as m1 (arXiv 2504.00869) and MedVLThinker (arXiv 2508.02669) publish it: full, 5 epochs, steps of 16. */
function longChains(settings: PaperPlanSettings, recipe: string): TrainingPlan {
  const { epochs, ...rest } = common({ ...settings, method: "full" }, 32_768, 5, 16);
  return {
    ...rest,
    ...{ kind: "sft", recipe, loss: { name: "cross-entropy" } },
    data: learning(settings, "stage1"),
    optimiser: m1Optimiser,
    schedule: { name: "cosine", learningRate: 1e-5, warmupRatio: 0.05, epochs },
  };
}

/** MedVLThinker's SFT on text-only chains (m23k). Text has no use for the tower, so that it rests as in their runs. */
export const medVlThinkerPlan = (settings: PaperPlanSettings): TrainingPlan =>
  longChains(settings, "medvlthinker-sft");

/** m1's SFT of a language model on 1,000 or 23,000 chains. */
export function m1Plan(settings: PaperPlanSettings): TrainingPlan {
  return { ...longChains(settings, "m1-sft"), freeze: [] };
}
