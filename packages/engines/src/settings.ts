import type { TrainingPlan } from "@mede2/schemas";
import { EngineError } from "./engine-error.ts";

/** How the weights lie on several devices: `ddp` copies them, `zero2` shares optimiser and gradients, `zero3` shares the weights too. */
export const parallelisms = ["ddp", "zero1", "zero2", "zero3"] as const;
export type Parallelism = (typeof parallelisms)[number];

/** What `plan.settings` says to engines, complete. */
export type EngineSettings = {
  /** Number format of the weights while training. Default: bfloat16 on cuda, float32 on cpu. */
  readonly precision: "float32" | "bfloat16";
  /** The frozen base in 4-bit NF4 (QLoRA, arXiv 2305.14314), as the plan's `lora.base` says. */
  readonly quantisation: "nf4" | undefined;
  readonly attention: "sdpa" | "flash_attention_2";
  readonly parallelism: Parallelism;
  /** Recompute activations in the backward pass. */
  readonly recompute: boolean;
  /** What the model is called on the machine that computes, when it does not lie at the plan's path there: a folder or a Hub id. */
  readonly targetModel: string | undefined;
  /** Pairs of unequal weight are an error unless this says that they may be trained with equal ones. */
  readonly pairWeights: "keep" | "ignore";
};

const known = {
  precision: ["float32", "bfloat16"],
  attention: ["sdpa", "flash_attention_2"],
  parallelism: parallelisms,
  pairWeights: ["keep", "ignore"],
} as const;

/** Throws an EngineError "setting" for a value that no engine knows. */
export function engineSettings(plan: TrainingPlan): EngineSettings {
  const given = plan.settings ?? {};
  const one = <Name extends keyof typeof known>(name: Name): (typeof known)[Name][number] | undefined => {
    const value = given[name];
    if (value === undefined) return undefined;
    const found = known[name].find((each) => each === value);
    if (found === undefined)
      throw new EngineError(
        "setting",
        `settings.${name} is ${JSON.stringify(value)}`,
        `say one of ${known[name].join(", ")}, or leave it out`,
      );
    return found;
  };
  if (given.targetModel !== undefined && typeof given.targetModel !== "string")
    throw new EngineError("setting", "settings.targetModel is no text", "name a folder or a Hub id");
  const { nodes, perNode } = processesOf(plan);
  return {
    precision: one("precision") ?? (plan.device === "cuda" ? "bfloat16" : "float32"),
    quantisation: plan.lora?.base === "nf4" ? "nf4" : undefined,
    attention: one("attention") ?? "sdpa",
    parallelism: one("parallelism") ?? (plan.device === "cuda" && nodes * perNode > 1 ? "zero2" : "ddp"),
    recompute: given.recompute === true,
    targetModel: given.targetModel as string | undefined,
    pairWeights: one("pairWeights") ?? "keep",
  };
}

/** Nodes and processes on each, from the plan's launcher; one process without. */
export function processesOf({ launcher }: TrainingPlan): { nodes: number; perNode: number } {
  const of = (name: string) => {
    const value = (launcher as Record<string, unknown> | undefined)?.[name];
    if (value === undefined) return undefined;
    if (typeof value === "number" && Number.isSafeInteger(value) && value > 0) return value;
    throw new EngineError(
      "setting",
      `launcher.${name} is ${JSON.stringify(value)}`,
      "say a whole number from 1",
    );
  };
  return { nodes: of("nodes") ?? 1, perNode: of("processesPerNode") ?? of("gpusPerNode") ?? 1 };
}

/** The plan's batch divided among the processes: samples a process and step, and steps that are added up. */
export type SplitBatch = { readonly perDevice: number; readonly accumulation: number };

/**
 * Keeps the plan's batch (`size × accumulation` samples a step) whatever the number of processes, or says why that cannot be. A micro-batch is never made larger than the plan's.
 */
export function splitBatch(plan: TrainingPlan): SplitBatch | undefined {
  const { nodes, perNode } = processesOf(plan);
  const { size, accumulation } = plan.batch;
  const each = (size * accumulation) / (nodes * perNode);
  if (!Number.isInteger(each)) return undefined;
  for (let perDevice = Math.min(size, each); perDevice >= 1; perDevice--)
    if (each % perDevice === 0) return { perDevice, accumulation: each / perDevice };
  return undefined;
}
