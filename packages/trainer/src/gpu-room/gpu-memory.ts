import type { ModelSize } from "./model-size.ts";

/** What processors divide among them beside the samples: ZeRO's stages (arXiv 1910.02054), or nothing. */
export type GpuSharing = "none" | "zero1" | "zero2" | "zero3";

/** A step of training as far as memory goes. */
export type GpuStep = {
  readonly size: ModelSize;
  /** Parameters that are trained. */
  readonly trained: number;
  readonly lora: boolean;
  /** Pairs, whose reference is a second model in a full training. */
  readonly pairs: boolean;
  readonly gpus: number;
  readonly sharing: GpuSharing;
  /** Bytes of a weight while it computes. */
  readonly width: 2 | 4;
  /** The decoder's linear layers in four bits. */
  readonly nf4: boolean;
  /** What is trained in full has a float32 copy and float32 moments beside its bfloat16 weights. */
  readonly master: boolean;
  /** Activations are computed anew, layer by layer. */
  readonly recompute: boolean;
  /** Of a micro-batch on one processor: a pair is two. */
  readonly sequences: number;
  /** Tokens of each. */
  readonly longest: number;
  /** Positions of each whose logits are computed: all of them, or the answer's. */
  readonly answer: number;
  /** Patches of the pictures of each. */
  readonly patches: number;
};

/** Bytes on the processor that holds most, by what they are for. */
export type GpuMemory = {
  readonly weights: number;
  /** A second copy of the weights: the reference of a full preference training. */
  readonly reference: number;
  /** Gradients, moments and float32 copies of what is trained. */
  readonly training: number;
  readonly activations: number;
  readonly logits: number;
  /** Context of the runtime, fragments, buffers of the communication. */
  readonly overhead: number;
  readonly total: number;
};

const gib = 2 ** 30;
/** Bits of a weight in NF4 with double quantisation: 4 + 8/64 + 32/(64·256) (arXiv 2305.14314, §3). */
const nf4Bits = 4.127;

/**
 * What one graphics processor holds at the peak of a step; derived in docs/papers.md, not measured on one. An upper estimate, since the longest sequences are taken to meet in a
 * micro-batch.
 */
export function gpuMemory(step: GpuStep): GpuMemory {
  const { size, trained, lora, pairs, gpus, sharing, width, nf4 } = step;
  const whole = nf4
    ? (size.linear * nf4Bits) / 8 + (size.parameters - size.linear) * width
    : size.parameters * width;
  const isShared = sharing === "zero3";
  // of shared weights two layers are gathered at a time: the one that computes and the next
  const gathered = isShared ? (2 * width * size.linear) / size.layers : 0;
  const weights = (isShared ? whole / gpus : whole) + gathered;
  const reference = pairs && !lora ? whole / (isShared ? gpus : 1) : 0;
  const training = trained * trainedBytes(step);
  const activations = activationBytes(step);
  // the logits, their logarithms in float32, and the gradient
  const logits = step.sequences * step.answer * size.vocabulary * (width + 8);
  const sum = weights + reference + training + activations + logits;
  const overhead = 1.5 * gib + 0.1 * sum + (gpus > 1 ? gib : 0);
  return { weights, reference, training, activations, logits, overhead, total: sum + overhead };
}

/**
 * Bytes of a trained parameter. Factors of LoRA: weight, gradient and two moments in float32. In full, the gradient in the weights' format, and of AdamW a float32 copy and two float32
 * moments (arXiv 1910.02054, §3.1), or, without the copy, two moments in the weights' format.
 */
function trainedBytes({ lora, gpus, sharing, width, master }: GpuStep): number {
  const optimiser = sharing === "none" ? 1 : gpus;
  const gradient = sharing === "zero2" || sharing === "zero3" ? gpus : 1;
  if (lora) return 4 + 4 / gradient + 8 / optimiser;
  return width / gradient + (master && width === 2 ? 12 : 2 * width) / optimiser;
}

/**
 * Numbers that a layer keeps of a token for its backward pass, as transformers and PEFT train it: 10.5 widths of the stream (the inputs of both norms in float32 and what they give, queries, the attended values), or 13 with
 * LoRA, whose factors keep inputs of their own; keys and values; four inner widths of the feed-forward part. Counted tensor by tensor on a CPU by python/measure_activations.py, within 2 %. With recomputation that holds for
 * one layer, with its gradients, and the stream alone for the others. A frozen tower keeps nothing but what one of its layers works with.
 */
function activationBytes({ size, lora, width, recompute, sequences, longest, patches }: GpuStep): number {
  const values = (lora ? 13 : 10.5) * size.hidden + 2 * size.keyWidth + 4 * size.intermediate;
  const perToken = recompute ? size.layers * size.hidden + 2 * values : (size.layers + 1) * values;
  return sequences * (longest * width * perToken + 2 * 16 * patches * size.towerWidth);
}
