// D width · H query heads · K key heads · E head size · F width of the MLP · V vocabulary
import type { ModelConfig } from "@mede2/nn";
import { type BenchBatch, batchRows } from "./bench-batches.ts";

/**
 * Floating-point operations that a step needs: 2 for each weight a token meets, no padding, causal attention (a position sees itself and what is before it), logits
 * where they are used. The backward pass costs twice the forward pass (arXiv 2204.02311, appendix B, which counts attention without the causal half);
 * once where weights are frozen (an adapter's own products are not counted): only attention then has both its factors differentiated.
 */
export function trainingFlops(config: ModelConfig, batch: BenchBatch, frozen = false): number {
  return sum(
    batchRows(batch).map(({ tokens, supervised }) => {
      const learnt = supervised.reduce((total, each, s) => total + (s > 0 ? each : 0), 0);
      const products = tokens.length * layerFlops(config) + learnt * headFlops(config);
      return (frozen ? 2 : 3) * products + 3 * attentionFlops(config, tokens.length);
    }),
  );
}

/** Numbers of tokens of a pair. */
export type PairLengths = { readonly prompt: number; readonly chosen: number; readonly rejected: number };

/**
 * A step of preference optimisation on frozen weights with the forward pass of its reference: both answers follow one prompt, which is needed once. The vision tower
 * is not counted.
 */
export function preferenceFlops(config: ModelConfig, pairs: readonly PairLengths[]): number {
  return sum(
    pairs.map(({ prompt, chosen, rejected }) => {
      const answers = chosen + rejected;
      const products = (prompt + answers) * layerFlops(config) + answers * headFlops(config);
      const attention =
        attentionFlops(config, prompt + chosen) +
        attentionFlops(config, prompt + rejected) -
        attentionFlops(config, prompt);
      return 3 * products + 4 * attention;
    }),
  );
}

/** Prompt and new tokens, with a cache: every position goes through the layers once, except the last new token. */
export function generationFlops(config: ModelConfig, batch: BenchBatch, newTokens: number): number {
  return sum(
    batchRows(batch).map(({ tokens }) => {
      const positions = tokens.length + newTokens - 1;
      return (
        positions * layerFlops(config) + attentionFlops(config, positions) + newTokens * headFlops(config)
      );
    }),
  );
}

/** All projections of all layers, for one token. */
function layerFlops({ text }: ModelConfig): number {
  const { hiddenSize, heads, kvHeads, headDim, intermediate, layers } = text;
  return 2 * layers * hiddenSize * (2 * heads * headDim + 2 * kvHeads * headDim + 3 * intermediate);
}

/** Scores and mixed values of all layers over a row of `length` positions. */
function attentionFlops({ text }: ModelConfig, length: number): number {
  return 4 * text.layers * text.heads * text.headDim * ((length * (length + 1)) / 2);
}

function headFlops({ text }: ModelConfig): number {
  return 2 * text.hiddenSize * text.vocab;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, each) => total + each, 0);
}
