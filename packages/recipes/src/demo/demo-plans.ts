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

/** Stage II: DPO on pairs of the model's own answers, with the likelihood of the chosen ones; the reference is Stage I. */
export function stage2Plan(
  settings: StagePlanSettings,
  loss: TrainingPlan["loss"] = { name: "dpo", beta: 0.1, nllWeight: 1 },
): TrainingPlan {
  return embeddedPlan({
    kind: "preference",
    recipe: "demo-stage2",
    ...common(settings),
    data: [{ ...settings.data, split: "stage2", promptStyle: "reason" }],
    loss,
    schedule: { name: "cosine", learningRate: 3e-5, minLearningRate: 3e-6, warmupSteps: 5, epochs: 2 },
    batch: { size: 16, accumulation: 1, maxTokens: 400, checkpointEvery: 50, keepCheckpoints: 1 },
  });
}

/** The controls of Stage II: fine-tuning on chosen answers, with the steps and the learning rate of the preference stage. */
export function chosenPlan(settings: StagePlanSettings, recipe: string): TrainingPlan {
  return embeddedPlan({
    kind: "sft",
    recipe,
    ...common(settings),
    data: [{ ...settings.data, split: "stage2", promptStyle: "reason" }],
    loss: { name: "cross-entropy" },
    schedule: { name: "cosine", learningRate: 3e-5, minLearningRate: 3e-6, warmupSteps: 5, epochs: 2 },
    batch: { size: 16, accumulation: 1, maxTokens: 400, checkpointEvery: 50, keepCheckpoints: 1 },
  });
}
