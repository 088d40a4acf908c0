// B batch · S positions · D width · H query heads · K key heads · E head size · I image features · V vocabulary · M chosen positions
import { type GraphBuilder, ops, type Tensor } from "@mede2/onnx";
import { attention, causalBias, joinHeads, splitHeads } from "../../layers/attention.ts";
import { linear, swiGlu } from "../../layers/linear.ts";
import type { Weights } from "../../layers/weights.ts";
import { biasesOf, type DecoderConfig } from "./config.ts";

/** Any model whose text part is a decoder of this form. */
export type WithDecoder = { readonly text: DecoderConfig };

export type DecoderInputs = {
  /** [B·S] token ids, rows padded on the right. */
  readonly tokens: Tensor;
  /** [B·S, E/2] rotary tables of each position. */
  readonly cosines: Tensor;
  readonly sines: Tensor;
  /** [B·S] which image feature stands at a position: 0 none, n the feature n − 1. Absent in a batch without images. */
  readonly imageIndex?: Tensor;
};

export function declareDecoderInputs(
  g: GraphBuilder,
  { text }: WithDecoder,
  batch: number,
  length: number,
  images: boolean,
): DecoderInputs {
  const rows = batch * length;
  return {
    tokens: g.input("tokens", "int64", [rows]),
    cosines: g.input("cosines", "float32", [rows, text.headDim / 2]),
    sines: g.input("sines", "float32", [rows, text.headDim / 2]),
    ...(images ? { imageIndex: g.input("imageIndex", "int64", [rows]) } : {}),
  };
}

/**
 * Embeddings of the tokens, [B·S, D], with image features where an image token stands. Features may be [I, (1 + n)·D]: the rest is what `injections`
 * gives to the first n layers.
 */
export function embed(
  g: GraphBuilder,
  weights: Weights,
  inputs: Pick<DecoderInputs, "tokens" | "imageIndex">,
  features_ID?: Tensor,
): Tensor {
  const words = ops.gather(g, weights("model.embed_tokens.weight"), inputs.tokens);
  if (features_ID === undefined || inputs.imageIndex === undefined) return words;
  const width = words.shape[1] as number;
  const own =
    (features_ID.shape[1] as number) === width ? features_ID : ops.slice(g, features_ID, 1, 0, width);
  const isImage = ops.unsqueeze(g, ops.greater(g, inputs.imageIndex, 0), [1]);
  return ops.where(g, isImage, atTokens(g, own, inputs.imageIndex), words);
}

/** Features at the positions of their tokens, zeros elsewhere. [B·S, D]. */
function atTokens(g: GraphBuilder, features_ID: Tensor, imageIndex: Tensor): Tensor {
  const width = features_ID.shape[1] as number;
  const none = g.constant("float32", [1, width], new Array<number>(width).fill(0));
  return ops.gather(g, ops.concat(g, [none, features_ID], 0), imageIndex);
}

/** What is added to the hidden states after each of the first layers (DeepStack, arXiv 2406.04334), each [B·S, D]. */
export function injections(
  g: GraphBuilder,
  { text }: WithDecoder,
  inputs: Pick<DecoderInputs, "imageIndex">,
  features?: Tensor,
): Tensor[] {
  const { imageIndex } = inputs;
  if (features === undefined || imageIndex === undefined) return [];
  const levels = (features.shape[1] as number) / text.hiddenSize - 1;
  return Array.from({ length: levels }, (_, level) =>
    atTokens(
      g,
      ops.slice(g, features, 1, (level + 1) * text.hiddenSize, (level + 2) * text.hiddenSize),
      imageIndex,
    ),
  );
}

/** Query, key and value heads of layer `name` with rotary positions applied: [B, H, S, E], [B, K, S, E], [B, K, S, E]. `batch`: see `splitHeads`. */
export function projectHeads(
  g: GraphBuilder,
  weights: Weights,
  { text }: WithDecoder,
  name: string,
  x: Tensor,
  rotary: { readonly rows: Tensor; readonly cosines: Tensor; readonly sines: Tensor },
  batch: number | "rows",
): [Tensor, Tensor, Tensor] {
  const { qkv } = biasesOf(text);
  const heads = (projection: string, count: number): Tensor =>
    splitHeads(g, linear(g, weights, `${name}.self_attn.${projection}`, x, qkv), batch, count, text.headDim);
  const normal = (y: Tensor, norm: string): Tensor =>
    text.qkNorm === true
      ? ops.rmsNorm(g, y, weights(`${name}.self_attn.${norm}.weight`), text.rmsNormEps)
      : y;
  const turn = (y: Tensor): Tensor => ops.rotaryEmbedding(g, y, rotary.rows, rotary.cosines, rotary.sines);
  return [
    turn(normal(heads("q_proj", text.heads), "q_norm")),
    turn(normal(heads("k_proj", text.kvHeads), "k_norm")),
    heads("v_proj", text.kvHeads),
  ];
}

/** The rest of a layer: output projection, MLP and both residuals. `hidden` and `mixed` [B·S, ·]. */
export function finishLayer(
  g: GraphBuilder,
  weights: Weights,
  { text }: WithDecoder,
  name: string,
  hidden: Tensor,
  mixed: Tensor,
): Tensor {
  const { output, mlp } = biasesOf(text);
  const attended = ops.add(g, hidden, linear(g, weights, `${name}.self_attn.o_proj`, mixed, output));
  const scale = weights(`${name}.post_attention_layernorm.weight`);
  const normal = g.cheap(() => ops.rmsNorm(g, attended, scale, text.rmsNormEps));
  return ops.add(g, attended, swiGlu(g, weights, `${name}.mlp`, normal, mlp));
}

/** What a decoder stack leaves: hidden states before the final norm, and the keys and values of each layer. */
export type DecoderStack = {
  readonly hidden: Tensor;
  readonly keys: readonly Tensor[];
  readonly values: readonly Tensor[];
};

/** All layers over whole sequences (training and prefill). `x` [B·S, D] → hidden [B·S, D]. `bias` replaces the causal bias. */
export function decoderStack(
  g: GraphBuilder,
  weights: Weights,
  config: WithDecoder,
  x: Tensor,
  inputs: DecoderInputs,
  batch: number,
  length: number,
  options: {
    readonly bias?: Tensor;
    readonly recompute?: boolean;
    readonly injections?: readonly Tensor[];
  } = {},
): DecoderStack {
  const rows = g.constant(
    "int64",
    [batch, length],
    Array.from({ length: batch * length }, (_, row) => row),
  );
  const bias = options.bias ?? causalBias(g, length);
  const windowed = windowedBias(g, config, bias, length);
  const rotary = { rows, cosines: inputs.cosines, sines: inputs.sines };
  const keys: Tensor[] = [];
  const values: Tensor[] = [];
  let hidden = x;
  for (let layer = 0; layer < config.text.layers; layer++) {
    const name = `model.layers.${layer}`;
    const body = (): Tensor => {
      const scale = weights(`${name}.input_layernorm.weight`);
      const normal = g.cheap(() => ops.rmsNorm(g, hidden, scale, config.text.rmsNormEps));
      const [q, k, v] = projectHeads(g, weights, config, name, normal, rotary, batch);
      keys.push(k);
      values.push(v);
      const seen = windowed !== undefined && isWindowed(config, layer) ? windowed : bias;
      return finishLayer(g, weights, config, name, hidden, joinHeads(g, attention(g, q, k, v, seen)));
    };
    hidden = options.recompute === true ? g.recomputed(body) : body();
    const injected = options.injections?.[layer];
    if (injected !== undefined) hidden = ops.add(g, hidden, injected);
  }
  return { hidden, keys, values };
}

/** Whether a layer's tokens see the latest tokens only. */
export function isWindowed({ text }: WithDecoder, layer: number): boolean {
  return text.slidingWindow?.layers.includes(layer) === true;
}

/** `bias` that hides what lies before the sliding window too; absent where no position does. */
function windowedBias(
  g: GraphBuilder,
  { text }: WithDecoder,
  bias: Tensor,
  length: number,
): Tensor | undefined {
  const { slidingWindow } = text;
  if (slidingWindow === undefined || slidingWindow.layers.length === 0 || slidingWindow.size >= length)
    return undefined;
  const values = Array.from({ length: length * length }, (_, at) =>
    (at % length) + slidingWindow.size <= Math.floor(at / length) ? -1e9 : 0,
  );
  return ops.add(g, bias, g.constant("float32", [length, length], values));
}

/** Logits [M, V] of hidden states [M, D]: final norm, then the head, which is the embedding matrix when tied. */
export function logits(g: GraphBuilder, weights: Weights, { text }: WithDecoder, hidden_MD: Tensor): Tensor {
  const normal = finalNorm(g, weights, { text }, hidden_MD);
  const key = headKey({ text });
  return weights.product?.(g, key, normal) ?? ops.fusedMatMul(g, normal, weights(key), { transB: true });
}

/** The norm before the head. */
export function finalNorm(g: GraphBuilder, weights: Weights, { text }: WithDecoder, hidden: Tensor): Tensor {
  return ops.rmsNorm(g, hidden, weights("model.norm.weight"), text.rmsNormEps);
}

/** Key of the head [V, D]. */
export function headKey({ text }: WithDecoder): string {
  return text.tieWordEmbeddings ? "model.embed_tokens.weight" : "lm_head.weight";
}
