// T tokens of a sequence · D decoder width · I width of its MLP · V vocabulary
import type { ModelConfig } from "@mede2/nn";
import type { TrainingPlan } from "@mede2/schemas";
import { parameterCounts } from "./paper-models.ts";

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
 * Memory and time of a plan on graphics processors, derived and not measured. A bfloat16 weight takes 2 bytes; what is trained takes 2 more for the gradient and 12 for AdamW (a float32 copy and two
 * moments), divided as ZeRO's stages do (arXiv 1910.02054, §5). Activations are computed anew layer by layer (checkpointing). Operations: 2 a weight and token forward, twice
 * that backward, or once where the weights themselves have no gradient, and the forward pass once more for checkpointing (Kaplan et al., arXiv 2001.08361, §2.1).
 */
export function estimateOnGpus(
  plan: TrainingPlan,
  config: ModelConfig,
  data: DataShape,
  machine: GpuMachine,
): GpuEstimate {
  const found = (["none", "zero2", "zero3"] as const)
    .filter((sharding) => sharding === "none" || machine.gpus > 1)
    .map((sharding) => ({ sharding, bytesPerGpu: memory(plan, config, data, machine.gpus, sharding) }));
  const fitting = found.find(({ bytesPerGpu }) => bytesPerGpu <= machine.bytes);
  const operations = totalOperations(plan, config, data);
  const rate = machine.gpus * machine.operations;
  return {
    ...(fitting ?? found.at(-1)!),
    fits: fitting !== undefined,
    seconds: { low: operations / (rate * 0.5), high: operations / (rate * 0.2) },
  };
}

/** Parameters that a plan trains: factors of LoRA on all linear layers of the decoder, or the decoder. */
export function trainedParameters({ lora }: TrainingPlan, config: ModelConfig): number {
  const { hiddenSize: d, layers, heads, kvHeads, headDim, intermediate } = config.text;
  const { all, vision } = parameterCounts(config);
  if (lora === undefined) return all - vision;
  const [q, kv] = [heads * headDim, kvHeads * headDim];
  const ends = d + q + 2 * (d + kv) + (q + d) + 3 * (d + intermediate);
  return lora.rank * ends * layers;
}

function memory(
  plan: TrainingPlan,
  config: ModelConfig,
  { longestTokens, patches }: DataShape,
  gpus: number,
  sharding: GpuEstimate["sharding"],
): number {
  const { text } = config;
  const all = parameterCounts(config).all;
  const trained = trainedParameters(plan, config);
  const perLayer = all / text.layers;
  const rows = plan.batch.size * (plan.kind === "preference" ? 2 : 1);
  const tokens = rows * longestTokens;
  const weights = sharding === "zero3" ? (2 * all) / gpus + 2 * 2 * perLayer : 2 * all;
  const gradients = (2 * trained) / (sharding === "none" ? 1 : gpus);
  const optimiser = (12 * trained) / (sharding === "none" ? 1 : gpus);
  // LoRA's reference is the base without its adapter, full training's a second model
  const second = plan.kind === "preference" && plan.lora === undefined ? 2 * all : 0;
  const reference = sharding === "zero3" ? second / gpus : second;
  const kept = 2 * text.layers * tokens * text.hiddenSize;
  // of the layer that is computed anew: its values and their gradients
  const working =
    2 * 2 * tokens * (6 * text.hiddenSize + 2 * text.kvHeads * text.headDim + 4 * text.intermediate);
  // logits in bfloat16, in float32, and their gradient
  const logits = 10 * tokens * text.vocab;
  const tower = "vision" in config ? 2 * 16 * rows * patches * config.vision.hiddenSize : 0;
  const context = 1.5 * GiB;
  return 1.1 * (weights + reference + gradients + optimiser + kept + working + logits + tower) + context;
}

function totalOperations(plan: TrainingPlan, config: ModelConfig, data: DataShape): number {
  const { all, vision } = parameterCounts(config);
  const { hiddenSize, layers } = config.text;
  const sides = plan.kind === "preference" ? 2 : 1;
  const sequences = data.records * (plan.schedule.epochs ?? 1) * sides;
  const forward = data.meanTokens * (2 * (all - vision) + 2 * layers * hiddenSize * data.meanTokens);
  // forward, backward, forward again; the reference reads every answer once more
  const passes = (plan.lora === undefined ? 4 : 3) + (plan.kind === "preference" ? 1 : 0);
  const seen = 2 * vision * data.patches * (plan.kind === "preference" ? 2 : 1);
  return sequences * (passes * forward + seen);
}
