import type { TrainingPlan } from "@mede2/schemas";
import { type GpuMemory, gpuMemory, type ModelSize } from "@mede2/trainer";
import { type EngineSettings, processesOf, splitBatch } from "../settings.ts";

/** Of the sequences of a plan's data: tokens of the longest, of the longest answer, and patches of the pictures that one shows. */
export type Lengths = { readonly longest: number; readonly longestAnswer: number; readonly patches: number };

/** What one GPU, or one process, must hold at the peak of a step of a plan on an outside engine. */
export function memoryEstimate(
  plan: TrainingPlan,
  settings: EngineSettings,
  size: ModelSize,
  trained: number,
  { longest, longestAnswer, patches }: Lengths,
): GpuMemory {
  const { nodes, perNode } = processesOf(plan);
  const { parallelism, quantisation, precision, recompute } = settings;
  const pairs = plan.kind === "preference";
  const memory = gpuMemory({
    ...{ size, trained, pairs, recompute, longest, patches, gpus: nodes * perNode },
    lora: plan.lora !== undefined,
    sharing: parallelism === "ddp" ? "none" : parallelism,
    width: precision === "bfloat16" ? 2 : 4,
    nf4: quantisation !== undefined,
    master: parallelism !== "ddp", // DeepSpeed's; transformers alone trains bfloat16 weights as they are
    sequences: (splitBatch(plan)?.perDevice ?? plan.batch.size) * (pairs ? 2 : 1),
    // ms-swift projects the answers' positions alone, TRL and LLaMA-Factory all
    answer: plan.engine === "ms-swift" ? longestAnswer : longest,
  });
  if (plan.device === "cuda") return memory;
  return { ...memory, overhead: 0, total: memory.total - memory.overhead };
}
