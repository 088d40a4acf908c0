import type { TrainingPlan } from "@mede2/schemas";
import { embeddedPlan } from "../plan-parts.ts";
import { type StageStart, stageTraining } from "../stage-training.ts";
import type { DataFile, FilmsData } from "./films-data.ts";
import type { FilmsAmounts } from "./films-settings.ts";

/**
 * Stage 0: the answer to training films, one word, with the vision tower open, which has never seen a real film; the decoder's layers rest. Trained too, they learn that a film calls for this
 * word whatever is asked, and chains break off at it (docs/experiments-films.md).
 */
export function filmsStage0(settings: StageStart, amounts: FilmsAmounts, answers: DataFile): TrainingPlan {
  return embeddedPlan({
    kind: "sft",
    recipe: "films-stage0",
    ...stageTraining(settings, amounts.stage0),
    data: [{ ...answers, split: "stage0", promptStyle: "direct" }],
    freeze: ["model.layers."],
    loss: { name: "cross-entropy" },
  });
}

/** Stage I: chains on described films, and direct answers to real ones so that perception is not lost; the tower stays as it is. */
export function filmsStage1(
  settings: StageStart,
  amounts: FilmsAmounts,
  { chains, replay, described }: Record<"chains" | "replay" | "described", DataFile>,
): TrainingPlan {
  return embeddedPlan({
    kind: "sft",
    recipe: "films-stage1",
    ...stageTraining(settings, amounts.stage1),
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
  settings: StageStart,
  amounts: FilmsAmounts,
  pairs: DataFile,
  bare: FilmsData["bare"],
): TrainingPlan {
  const { beta, nllWeight } = amounts.stage2;
  return embeddedPlan({
    kind: "preference",
    recipe: "films-stage2",
    ...stageTraining(settings, amounts.stage2),
    data: [
      { ...pairs, split: "stage2", promptStyle: "reason" },
      ...(bare === null ? [] : [{ ...bare.pairs, split: "stage2" as const, promptStyle: "direct" as const }]),
    ],
    loss: { name: "dpo", beta, nllWeight },
  });
}

/** The controls of Stage II: fine-tuning on chosen or right answers with its rate and passes. */
export function filmsChosen(
  settings: StageStart,
  amounts: FilmsAmounts,
  name: string,
  answers: DataFile,
  bare: FilmsData["bare"],
): TrainingPlan {
  return embeddedPlan({
    kind: "sft",
    recipe: `films-${name}`,
    ...stageTraining(settings, amounts.stage2),
    data: [
      { ...answers, split: "stage2", promptStyle: "reason" },
      ...(bare === null
        ? []
        : [{ ...bare.answers, split: "stage2" as const, promptStyle: "direct" as const }]),
    ],
    loss: { name: "cross-entropy" },
  });
}
