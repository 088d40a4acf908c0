import type { TrainingPlan } from "@mede2/schemas";
import { planOrder } from "../data/plan-order.ts";
import type { ModelSide } from "../data/row-encoding.ts";
import { engineSettings } from "../settings.ts";
import { type MemoryEstimate, memoryEstimate } from "./memory.ts";
import { modelSize, trainedParameters } from "./model-size.ts";
import { isGpu, trainingSeconds } from "./time.ts";

/** What estimates need to know of the data. */
export type DataFacts = {
  readonly rows: number;
  /** Of the longest sequence, of all sequences of all rows, and the supervised ones of the longest answers. */
  readonly longest: number;
  readonly tokens: number;
  readonly longestAnswer: number;
};

export type RunEstimate = {
  readonly steps: number;
  readonly memory: MemoryEstimate;
  /** Checkpoints, and the base where it is written again. */
  readonly diskBytes: number;
  /** Where the plan names a GPU (settings.gpu). */
  readonly seconds?: number;
};

/** Steps, memory of a GPU, disk and time of a plan on an outside engine. Throws an EngineError for layers that the model does not have. */
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
      ? { seconds: trainingSeconds(plan, settings, size, (facts.tokens / facts.rows) * order.length, gpu) }
      : {}),
  };
}
