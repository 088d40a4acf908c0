import type { Sampling } from "@mede2/llm";
import type { Example } from "../examples/example.ts";

/** A prompt to go on from, and how. Each row draws from a seed of its own, whatever it is batched with. */
export type GenerationRow = {
  readonly prompt: Example;
  readonly sampling: Sampling;
  readonly sample: number;
  /** Whether the reply ends with the tokens that it has now, beside the stop tokens and `maxTokens`. */
  readonly ends?: (tokens: readonly number[]) => boolean;
};

/** A row on its way. */
export type Live = {
  readonly index: number;
  readonly row: GenerationRow;
  readonly random: () => number;
  /** Padding before its prompt, and what is added to a token's index to get its position. */
  readonly padding: number;
  readonly delta: number;
  readonly tokens: number[];
  logProb: number;
};
