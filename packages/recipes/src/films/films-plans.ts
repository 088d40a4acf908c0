import { relative } from "node:path";
import type { Processor } from "@mede2/nn";
import type { TrainingPlan } from "@mede2/schemas";
import { embeddedPlan } from "../plan-parts.ts";
import type { DataFile, FilmsData } from "./films-data.ts";
import type { FilmsAmounts, StageAmounts } from "./films-settings.ts";

export type FilmsPlanSettings = {
  readonly workspace: string;
  /** The folder that the stage starts from. */
  readonly model: string;
  readonly processor: Processor;
  readonly seed: number;
  readonly threads: number;
};

function common(settings: FilmsPlanSettings, { epochs, batch, learningRate }: StageAmounts) {
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

/**
 * Stage 0: the answer to training films, one word, with the vision tower open, which has never seen a real film; the decoder's layers rest. Trained too, they learn that a film calls for this
 * word whatever is asked, and chains break off at it (docs/experiments-films.md).
 */
export function filmsStage0(
  settings: FilmsPlanSettings,
  amounts: FilmsAmounts,
  answers: DataFile,
): TrainingPlan {
  return embeddedPlan({
    kind: "sft",
    recipe: "films-stage0",
    ...common(settings, amounts.stage0),
    data: [{ ...answers, split: "stage0", promptStyle: "direct" }],
    freeze: ["model.layers."],
    loss: { name: "cross-entropy" },
  });
}

/** Stage I: chains on described films, and direct answers to real ones so that perception is not lost; the tower stays as it is. */
export function filmsStage1(
  settings: FilmsPlanSettings,
  amounts: FilmsAmounts,
  { chains, replay, described }: Record<"chains" | "replay" | "described", DataFile>,
): TrainingPlan {
  return embeddedPlan({
    kind: "sft",
    recipe: "films-stage1",
    ...common(settings, amounts.stage1),
    data: [
      { ...chains, split: "stage1", promptStyle: "reason" },
      { ...replay, split: "stage1", promptStyle: "direct" },
      { ...described, split: "stage1", promptStyle: "direct" },
    ],
    loss: { name: "cross-entropy" },
  });
}

/** Stage II: preference pairs on training films, and bare answers to some of them so that these are not lost; the reference is Stage I. */
export function filmsStage2(
  settings: FilmsPlanSettings,
  amounts: FilmsAmounts,
  pairs: DataFile,
  bare: FilmsData["bare"],
): TrainingPlan {
  const { beta, nllWeight } = amounts.stage2;
  return embeddedPlan({
    kind: "preference",
    recipe: "films-stage2",
    ...common(settings, amounts.stage2),
    data: [
      { ...pairs, split: "stage2", promptStyle: "reason" },
      ...(bare === null ? [] : [{ ...bare.pairs, split: "stage2" as const, promptStyle: "direct" as const }]),
    ],
    loss: { name: "dpo", beta, nllWeight },
  });
}

/** The controls of Stage II: fine-tuning on chosen or right answers with its rate and passes. */
export function filmsChosen(
  settings: FilmsPlanSettings,
  amounts: FilmsAmounts,
  name: string,
  answers: DataFile,
  bare: FilmsData["bare"],
): TrainingPlan {
  return embeddedPlan({
    kind: "sft",
    recipe: `films-${name}`,
    ...common(settings, amounts.stage2),
    data: [
      { ...answers, split: "stage2", promptStyle: "reason" },
      ...(bare === null
        ? []
        : [{ ...bare.answers, split: "stage2" as const, promptStyle: "direct" as const }]),
    ],
    loss: { name: "cross-entropy" },
  });
}
