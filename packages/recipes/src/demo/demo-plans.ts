import { relative } from "node:path";
import type { Processor } from "@mede2/nn";
import type { TrainingPlan } from "@mede2/schemas";
import { embeddedPlan } from "../plan-parts.ts";

export type StagePlanSettings = {
  readonly workspace: string;
  readonly model: string;
  readonly data: { readonly path: string; readonly sha256: string };
  readonly processor: Processor;
  readonly seed: number;
  readonly threads: number;
};

function common({ workspace, model, processor, seed, threads }: StagePlanSettings) {
  return {
    model: relative(workspace, model),
    seed,
    threads,
    templateHash: processor.template.hash,
    pixels: { min: processor.images.minPixels, max: processor.images.maxPixels },
  };
}

/** Stage I: supervised fine-tuning of the decoder on chains; the vision tower stays as it is. */
export function stage1Plan(
  settings: StagePlanSettings,
  epochs: number,
  promptStyle = "reason",
): TrainingPlan {
  return embeddedPlan({
    kind: "sft",
    recipe: "demo-stage1",
    ...common(settings),
    data: [{ ...settings.data, split: "stage1", promptStyle }],
    loss: { name: "cross-entropy" },
    schedule: { name: "cosine", learningRate: 8e-4, minLearningRate: 4e-5, warmupSteps: 10, epochs },
    batch: { size: 32, accumulation: 1, maxTokens: 400, checkpointEvery: 50, keepCheckpoints: 1 },
  });
}

/**
 * What Stage II and its controls share: two passes at a small rate; the tower and the embeddings stay as they are, so that names which no pair mentions do not become less likely.
 */
const stage2Training = {
  schedule: { name: "cosine", learningRate: 5e-5, minLearningRate: 5e-6, warmupSteps: 5, epochs: 2 },
  batch: { size: 16, accumulation: 1, maxTokens: 400, checkpointEvery: 50, keepCheckpoints: 1 },
  freeze: ["visual.", "model.embed_tokens"],
} as const;

/**
 * DPO with the likelihood of the chosen answer. The likelihood is a mean over tokens, the contrast a sum: for chains of about 60 tokens the weight 30 makes the two of a size.
 */
const stage2Loss = { name: "dpo", beta: 0.1, nllWeight: 30 } as const;

/** Stage II: DPO on pairs of the model's own answers, with the likelihood of the chosen ones; the reference is Stage I. */
export function stage2Plan(
  settings: StagePlanSettings,
  loss: TrainingPlan["loss"] = stage2Loss,
): TrainingPlan {
  return embeddedPlan({
    kind: "preference",
    recipe: "demo-stage2",
    ...common(settings),
    data: [{ ...settings.data, split: "stage2", promptStyle: "reason" }],
    loss,
    ...stage2Training,
  });
}

/** The controls of Stage II: fine-tuning on chosen answers, with the rate, the passes and the frozen parts of the preference stage. */
export function chosenPlan(settings: StagePlanSettings, recipe: string): TrainingPlan {
  return embeddedPlan({
    kind: "sft",
    recipe,
    ...common(settings),
    data: [{ ...settings.data, split: "stage2", promptStyle: "reason" }],
    loss: { name: "cross-entropy" },
    ...stage2Training,
  });
}
