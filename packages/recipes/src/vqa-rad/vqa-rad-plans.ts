import type { TrainingPlan } from "@mede2/schemas";
import type { DataFile } from "../films/films-data.ts";
import { embeddedPlan } from "../plan-parts.ts";
import { type StageStart, stageTraining } from "../stage-training.ts";
import type { VqaRadAmounts } from "./vqa-rad-settings.ts";

/** Stage 0: the published answers to the training questions, with the vision tower open: Tiny has never seen a real picture. */
export function vqaRadStage0(start: StageStart, { stage0 }: VqaRadAmounts, answers: DataFile): TrainingPlan {
  return embeddedPlan({
    kind: "sft",
    recipe: "vqa-rad-stage0",
    ...stageTraining(start, stage0),
    data: [{ path: answers.path, sha256: answers.sha256, split: "stage0", promptStyle: "direct" }],
    freeze: [],
    loss: { name: "cross-entropy" },
  });
}

/** Stage II on pairs; the reference is Stage 0. */
export function vqaRadStage2(
  start: StageStart,
  { stage2 }: VqaRadAmounts,
  pairs: DataFile,
  recipe: string,
): TrainingPlan {
  return embeddedPlan({
    kind: "preference",
    recipe,
    ...stageTraining(start, stage2),
    data: [{ path: pairs.path, sha256: pairs.sha256, split: "stage2", promptStyle: "direct" }],
    loss: { name: "dpo", beta: stage2.beta, nllWeight: stage2.nllWeight },
  });
}
