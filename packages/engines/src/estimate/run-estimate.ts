import type { TrainingPlan } from "@mede2/schemas";
import { type GpuMemory, modelSize, trainedParameters } from "@mede2/trainer";
import { planOrder } from "../data/plan-order.ts";
import type { ModelSide } from "../data/row-encoding.ts";
import { engineSettings } from "../settings.ts";
import { memoryEstimate } from "./memory.ts";
import { isGpu, type SequenceCounts, trainingSeconds } from "./time.ts";

/** What estimates need to know of the data. */
export type DataFacts = {
  readonly rows: number;
  /** Tokens of the longest sequence, of all sequences of all rows, and of the longest answer. */
  readonly longest: number;
  readonly tokens: number;
  readonly longestAnswer: number;
  /** Patches of the pictures of a sequence: the most, and those of all sequences. */
  readonly patches: number;
  readonly allPatches: number;
};

export type RunEstimate = {
  readonly steps: number;
  /** Of each GPU or process. */
  readonly memory: GpuMemory;
  /** Checkpoints, and the base where it is written again. */
  readonly diskBytes: number;
  /** Where the plan names a GPU (settings.gpu). */
  readonly seconds?: number;
};

/** Steps, memory of a GPU, disk and time of a plan on an outside engine. */
export function runEstimate(
  plan: TrainingPlan,
  { config }: Pick<ModelSide, "config">,
  facts: DataFacts,
): RunEstimate {
  const settings = engineSettings(plan);
  const [size, trained] = [modelSize(config), trainedParameters(plan, config)];
  const { steps, order } = planOrder(plan, new Array<number>(facts.rows).fill(1));
  const keep = (plan.batch.keepCheckpoints ?? 2) + 1; // the engine writes the new one before it removes the oldest
  const width = settings.precision === "bfloat16" ? 2 : 4;
  const each = plan.lora === undefined ? size.parameters * width + trained * 12 : trained * 16;
  const { gpu } = plan.settings ?? {};
  return {
    steps,
    memory: memoryEstimate(plan, settings, size, trained, facts),
    diskBytes: keep * each + (plan.lora === undefined ? size.parameters * width : 0),
    ...(plan.device === "cuda" && isGpu(gpu)
      ? { seconds: trainingSeconds(plan, settings, size, counts(plan, facts, order.length), gpu) }
      : {}),
  };
}

function counts(plan: TrainingPlan, { rows, tokens, allPatches }: DataFacts, taken: number): SequenceCounts {
  const sides = plan.kind === "preference" ? 2 : 1;
  return {
    sequences: taken * sides,
    meanTokens: tokens / (rows * sides),
    meanPatches: allPatches / (rows * sides),
  };
}
