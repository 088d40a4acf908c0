import type { TrainingPlan } from "@mede2/schemas";
import { type EngineSettings, processesOf, splitBatch } from "../settings.ts";
import type { ModelSize } from "./model-size.ts";

/** Bytes on one GPU, by what they are for. docs/engines.md derives each line. */
export type MemoryEstimate = {
  readonly weights: number;
  /** A second copy of the weights: the reference of a full preference training. */
  readonly reference: number;
  /** Gradients, moments and master weights of what is trained. */
  readonly training: number;
  readonly activations: number;
  readonly logits: number;
  /** Context of the runtime, communication buffers, fragments. */
  readonly overhead: number;
  readonly total: number;
};

/** Sequence lengths in tokens. */
export type Lengths = { readonly longest: number; readonly longestAnswer: number };

const gib = 2 ** 30;
/** Bits of a weight in NF4 with double quantisation (arXiv 2305.14314, §3): 4 + 8/64 + 32/(64·256). */
const nf4Bits = 4.127;

/** What one GPU must hold at the peak of a step: an upper estimate, since the longest rows are taken to meet in one micro-batch. */
export function memoryEstimate(
  plan: TrainingPlan,
  settings: EngineSettings,
  size: ModelSize,
  trained: number,
  { longest, longestAnswer }: Lengths,
): MemoryEstimate {
  const { nodes, perNode } = processesOf(plan);
  const devices = nodes * perNode;
  const { parallelism, quantisation, precision, recompute } = settings;
  const shared = parallelism === "zero3" ? devices : 1;
  const width = precision === "bfloat16" ? 2 : 4;
  const lora = plan.lora !== undefined;
  const whole =
    quantisation === undefined
      ? size.parameters * width
      : (size.linear * nf4Bits) / 8 + (size.parameters - size.linear) * width;
  const weights = whole / shared;
  const sequences = (splitBatch(plan)?.perDevice ?? plan.batch.size) * (plan.kind === "preference" ? 2 : 1);
  const tokens = sequences * longest;
  // keys, values and queries, the products of the feed-forward part, and what each adapter and norm keeps of its input
  const perToken =
    width *
    (6 * size.hidden +
      (2 * (size.hidden * size.kvHeads)) / size.heads +
      3 * size.intermediate +
      (lora ? 2 * size.hidden : 0));
  const activations = recompute
    ? tokens * (size.layers * width * size.hidden + perToken)
    : tokens * size.layers * perToken;
  // only the answers' positions are projected; float32, and the gradient beside it
  const answers = plan.kind === "preference" ? longestAnswer : longestAnswer * sequences;
  const logits = answers * size.vocabulary * 4 * 2;
  const reference = plan.kind === "preference" && !lora ? weights : 0;
  const training = trained * trainingBytes(settings, lora, devices);
  const sum = weights + reference + training + activations + logits;
  const overhead = plan.device === "cuda" ? 1.5 * gib + 0.06 * sum + (devices > 1 ? gib : 0) : 0;
  return { weights, reference, training, activations, logits, overhead, total: sum + overhead };
}

/**
 * Bytes a trained parameter. LoRA: weight, gradient and two moments in float32, on every GPU (ZeRO shares 12 of 16). Full, in float32 or without ZeRO: the same form in the
 * weights' own format. Full under ZeRO in bfloat16: gradient 2, master 4, moments 8 (arXiv 1910.02054, §3.1).
 */
function trainingBytes({ precision, parallelism }: EngineSettings, lora: boolean, devices: number): number {
  const shares = {
    ddp: { optimiser: 1, gradient: 1 },
    zero1: { optimiser: devices, gradient: 1 },
    zero2: { optimiser: devices, gradient: devices },
    zero3: { optimiser: devices, gradient: devices },
  }[parallelism];
  if (lora) return 4 + 4 / shares.gradient + 8 / shares.optimiser;
  const mixed = precision === "bfloat16" && parallelism !== "ddp";
  const width = precision === "bfloat16" ? 2 : 4;
  return width / shares.gradient + (mixed ? 12 : 2 * width) / shares.optimiser;
}
