import { relative } from "node:path";
import type { Processor } from "@mede2/nn";
import type { TrainingPlan } from "@mede2/schemas";

/** How long a stage learns, how many at once, and how fast. */
export type StageAmounts = {
  readonly epochs: number;
  readonly batch: number;
  readonly learningRate: number;
};

/** Where a stage starts from. */
export type StageStart = {
  readonly workspace: string;
  /** The folder that the stage starts from. */
  readonly model: string;
  readonly processor: Processor;
  readonly seed: number;
  readonly threads: number;
};

/** What the plans of a recipe on pictures share: prompts and pixels of the model, a cosine over so many epochs with a short warm-up, one checkpoint kept. */
export function stageTraining(
  { workspace, model, processor, seed, threads }: StageStart,
  { epochs, batch, learningRate }: StageAmounts,
): Pick<TrainingPlan, "model" | "seed" | "threads" | "templateHash" | "pixels" | "schedule" | "batch"> {
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
