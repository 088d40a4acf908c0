import type { ModelConfig } from "@mede2/nn";
import type { TrainingPlan } from "@mede2/schemas";
import { gpuMemory, modelSize, trainedParameters, trainingOperations } from "@mede2/trainer";

/** Graphics processors of one kind, all of one node or several alike. */
export type GpuMachine = {
  readonly name: string;
  readonly gpus: number;
  readonly bytes: number;
  /** Dense bfloat16 operations a second of one of them, as its maker gives them. */
  readonly operations: number;
};

const GiB = 2 ** 30;
const rtx4090 = { bytes: 24 * GiB, operations: 165e12 };
const a100 = { bytes: 80 * GiB, operations: 312e12 };

export const gpuMachines: readonly GpuMachine[] = [
  { name: "1 × 24 GB (RTX 4090)", gpus: 1, ...rtx4090 },
  { name: "1 × 80 GB (A100)", gpus: 1, ...a100 },
  { name: "8 × 80 GB (A100)", gpus: 8, ...a100 },
  { name: "4 nodes of 8 × 80 GB (A100)", gpus: 32, ...a100 },
];

/** What the data is like; of pairs, the tokens of one side. */
export type DataShape = {
  readonly records: number;
  readonly meanTokens: number;
  readonly longestTokens: number;
  /** Patches that the tower sees of the images of a record; 0 for text. */
  readonly patches: number;
};

export type GpuEstimate = {
  /** What must be divided among the processors so that it fits; none is plain data parallelism. */
  readonly sharding: "none" | "zero2" | "zero3";
  readonly fits: boolean;
  /** Of the processor that holds most. */
  readonly bytesPerGpu: number;
  /** At half of the processor's operations, and at a fifth. */
  readonly seconds: { readonly low: number; readonly high: number };
};

/**
 * Memory and time of a plan on graphics processors, derived and not measured (`gpuMemory` and `trainingOperations` of @mede2/trainer, which the preflight of outside engines uses, too): bfloat16 weights,
 * or NF4 as the plan's `lora.base` says; AdamW in float32; activations computed anew; logits at every position.
 */
export function estimateOnGpus(
  plan: TrainingPlan,
  config: ModelConfig,
  data: DataShape,
  machine: GpuMachine,
): GpuEstimate {
  const size = modelSize(config);
  const [lora, pairs] = [plan.lora !== undefined, plan.kind === "preference"];
  const nf4 = plan.lora?.base === "nf4"; // quantised weights cannot be shared
  const step = {
    ...{ size, trained: trainedParameters(plan, config), lora, pairs, nf4, gpus: machine.gpus },
    ...({ width: 2, master: true, recompute: true, sequences: plan.batch.size * (pairs ? 2 : 1) } as const),
    ...{ longest: data.longestTokens, answer: data.longestTokens, patches: data.patches },
  };
  const found = (["none", "zero2", "zero3"] as const)
    .filter((sharing) => sharing === "none" || (machine.gpus > 1 && !(nf4 && sharing === "zero3")))
    .map((sharding) => ({ sharding, bytesPerGpu: gpuMemory({ ...step, sharing: sharding }).total }));
  const fitting = found.find(({ bytesPerGpu }) => bytesPerGpu <= machine.bytes);
  const operations = trainingOperations({
    ...{ size, lora, pairs, recompute: true },
    sequences: data.records * (plan.schedule.epochs ?? 1) * (pairs ? 2 : 1),
    ...{ meanTokens: data.meanTokens, meanPatches: data.patches },
  });
  // weights in four bits are turned back into numbers for every product
  const rate = machine.gpus * machine.operations * (nf4 ? 2 / 3 : 1);
  return {
    ...(fitting ?? found.at(-1)!),
    fits: fitting !== undefined,
    seconds: { low: operations / (rate * 0.5), high: operations / (rate * 0.2) },
  };
}
