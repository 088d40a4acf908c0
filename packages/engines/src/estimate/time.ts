import type { TrainingPlan } from "@mede2/schemas";
import { type ModelSize, trainingOperations } from "@mede2/trainer";
import { type EngineSettings, processesOf } from "../settings.ts";

/** GPUs by name: memory, and dense bfloat16 operations a second as their makers state them. */
export const gpus = {
  "rtx-3090": { gib: 24, flops: 71e12 },
  "rtx-4090": { gib: 24, flops: 165e12 },
  "a100-40": { gib: 40, flops: 312e12 },
  "a100-80": { gib: 80, flops: 312e12 },
  "h100-80": { gib: 80, flops: 989e12 },
  "h200-141": { gib: 141, flops: 989e12 },
} as const;
export type GpuName = keyof typeof gpus;

export const isGpu = (name: unknown): name is GpuName =>
  typeof name === "string" && Object.hasOwn(gpus, name);

/** Share of its stated speed that a GPU reaches while training short sequences with sdpa; NF4 is turned back into numbers for every product. Assumptions, see docs/engines.md. */
const utilisation = { plain: 0.3, nf4: 0.2 };

/** Sequences that a plan learns from (of a pair both), their mean length in tokens and the mean patches of their pictures. */
export type SequenceCounts = {
  readonly sequences: number;
  readonly meanTokens: number;
  readonly meanPatches: number;
};

/** Seconds of a plan on an outside engine. */
export function trainingSeconds(
  plan: TrainingPlan,
  settings: EngineSettings,
  size: ModelSize,
  counts: SequenceCounts,
  gpu: GpuName,
): number {
  const { nodes, perNode } = processesOf(plan);
  const operations = trainingOperations({
    ...{ size, ...counts, recompute: settings.recompute },
    ...{ lora: plan.lora !== undefined, pairs: plan.kind === "preference" },
  });
  const share = settings.quantisation === undefined ? utilisation.plain : utilisation.nf4;
  return operations / (gpus[gpu].flops * share * nodes * perNode);
}
