import { relative } from "node:path";
import type { Processor } from "@mede2/nn";
import type { TrainingPlan } from "@mede2/schemas";
import type { DataFile } from "../films/films-data.ts";
import type { StageAmounts } from "../films/films-settings.ts";
import { embeddedPlan } from "../plan-parts.ts";
import type { VqaRadAmounts } from "./vqa-rad-settings.ts";

export type VqaRadPlanSettings = {
  readonly workspace: string;
  /** The folder that the stage starts from. */
  readonly model: string;
  readonly processor: Processor;
  readonly seed: number;
  readonly threads: number;
};

function common(settings: VqaRadPlanSettings, { epochs, batch, learningRate }: StageAmounts) {
  const { workspace, model, processor, seed, threads } = settings;
  return {
    model: relative(workspace, model),
    seed,
    threads,
    templateHash: processor.template.hash,
    pixels: { min: processor.images.minPixels, max: processor.images.maxPixels },
    schedule: {
      name: "cosine" as const,
      learningRate,
      minLearningRate: learningRate / 20,
      warmupRatio: 0.05,
      epochs,
    },
    batch: { size: batch, accumulation: 1, maxTokens: 400, checkpointEvery: 100, keepCheckpoints: 1 },
  };
}

/** Stage 0: the published answers to the training questions, with the vision tower open: Tiny has never seen a real picture. */
export function vqaRadStage0(
  settings: VqaRadPlanSettings,
  { stage0 }: VqaRadAmounts,
  answers: DataFile,
): TrainingPlan {
  return embeddedPlan({
    kind: "sft",
    recipe: "vqa-rad-stage0",
    ...common(settings, stage0),
    data: [{ path: answers.path, sha256: answers.sha256, split: "stage0", promptStyle: "direct" }],
    freeze: [],
    loss: { name: "cross-entropy" },
  });
}

/** Stage II on pairs; the reference is Stage 0. */
export function vqaRadStage2(
  settings: VqaRadPlanSettings,
  { stage2 }: VqaRadAmounts,
  pairs: DataFile,
  recipe: string,
): TrainingPlan {
  return embeddedPlan({
    kind: "preference",
    recipe,
    ...common(settings, stage2),
    data: [{ path: pairs.path, sha256: pairs.sha256, split: "stage2", promptStyle: "direct" }],
    loss: { name: "dpo", beta: stage2.beta, nllWeight: stage2.nllWeight },
  });
}
