import type { ModelSize } from "./model-size.ts";

/** A whole training as far as operations go. */
export type TrainingWork = {
  readonly size: ModelSize;
  readonly lora: boolean;
  readonly pairs: boolean;
  readonly recompute: boolean;
  /** Sequences that are learnt from, over all epochs: of a pair two. */
  readonly sequences: number;
  readonly meanTokens: number;
  /** Patches of the pictures of a sequence. */
  readonly meanPatches: number;
};

/**
 * Floating-point operations of a training: forward 2 a parameter and token and 2 a layer, width and pair of tokens (Kaplan et al., arXiv 2001.08361, §2.1); backward once that with LoRA, whose frozen
 * weights have no gradient, else twice; forward once more to recompute, and once for the reference of pairs. The frozen tower reads each picture once, and once for the reference.
 */
export function trainingOperations({
  size,
  lora,
  pairs,
  recompute,
  sequences,
  meanTokens,
  meanPatches,
}: TrainingWork): number {
  const forward =
    meanTokens * (2 * (size.parameters - size.vision) + 2 * size.layers * size.hidden * meanTokens);
  const passes = 1 + (lora ? 1 : 2) + (recompute ? 1 : 0) + (pairs ? 1 : 0);
  return sequences * (passes * forward + (pairs ? 2 : 1) * 2 * size.vision * meanPatches);
}
