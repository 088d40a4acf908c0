// R positions · M supervised positions · V vocabulary
import { type GraphBuilder, ops, type Tensor } from "@mede2/onnx";
import { finalNorm, headKey, logits, type WithDecoder } from "../families/decoder/decoder.ts";
import type { Weights } from "../layers/weights.ts";
import { type TargetInputs, tokenLogProbs } from "./token-log-probs.ts";
import { headPart, wideLogProbs } from "./wide-log-probs.ts";

/** Rows of a weight as an input of their own: an array that lies within the array of the whole. */
export function rowsInput(key: string, from: number, to: number): string {
  return `${key}[${from}:${to}]`;
}

/** Inverse of `rowsInput`; undefined for other names. */
export function fromRowsInput(
  name: string,
): { readonly key: string; readonly from: number; readonly to: number } | undefined {
  const [, key, from, to] = /^(.+)\[(\d+):(\d+)\]$/.exec(name) ?? [];
  return key === undefined ? undefined : { key, from: Number(from), to: Number(to) };
}

/**
 * log p(target) [M] of a decoder at the supervised positions. A wide head that is not trained is gone through in parts, which are inputs named by `rowsInput`; any other
 * gives all its logits at once.
 */
export function decoderLogProbs(
  g: GraphBuilder,
  weights: Weights,
  config: WithDecoder,
  hidden_RD: Tensor,
  target: TargetInputs,
  head: { readonly frozen: boolean; readonly differentiated: boolean },
): Tensor {
  const { vocab, hiddenSize } = config.text;
  if (!head.frozen || vocab <= 2 * headPart)
    return tokenLogProbs(g, hidden_RD, target, (rows) => logits(g, weights, config, rows));
  const key = headKey(config);
  const normal = finalNorm(g, weights, config, ops.gather(g, hidden_RD, target.positions));
  const part = (from: number, to: number) =>
    g.input(rowsInput(key, from, to), "float32", [to - from, hiddenSize]);
  return wideLogProbs(g, normal, target.targets, weights(key), part, head.differentiated);
}
