import type { TrainingPlan } from "@mede2/schemas";
import { type EngineSettings, processesOf } from "../settings.ts";
import type { ModelSize } from "./model-size.ts";

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

/**
 * Seconds of a run: 2 operations a parameter and token forward and twice that backward (arXiv 2001.08361, §2.1); LoRA leaves out the products with the frozen weights' gradients
 * (half of the backward pass), recomputing adds a forward pass, a preference plan a forward pass of the reference.
 */
export function trainingSeconds(
  plan: TrainingPlan,
  settings: EngineSettings,
  size: ModelSize,
  tokens: number,
  gpu: GpuName,
): number {
  const { nodes, perNode } = processesOf(plan);
  const backward = plan.lora === undefined ? 4 : 2;
  const passes = 2 + backward + (settings.recompute ? 2 : 0) + (plan.kind === "preference" ? 2 : 0);
  const share = settings.quantisation === undefined ? utilisation.plain : utilisation.nf4;
  return (passes * size.parameters * tokens) / (gpus[gpu].flops * share * nodes * perNode);
}
