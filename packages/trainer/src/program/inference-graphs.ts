// B rows · S positions · P past positions · D width · H query heads · K key heads · G = H / K · E head size · V vocabulary

import {
  declareDecoderInputs,
  declareVisionInputs,
  decoderStack,
  embed,
  type ForwardLayout,
  finishLayer,
  imageFeatures,
  injections,
  isWindowed,
  logits,
  type ModelConfig,
  projectHeads,
  type VisionLayout,
  visionTower,
  type Weights,
} from "@mede2/nn";
import { GraphBuilder, ops, type Tensor } from "@mede2/onnx";

/** Makes weights for a graph: as inputs while a model is trained, as constants once it is fixed. */
export type WeightMaker = (g: GraphBuilder) => Weights;

/** The vision tower alone; output `features` [N·U, D] in window order. */
export function visionGraph(config: ModelConfig, make: WeightMaker, layout: VisionLayout): GraphBuilder {
  const g = new GraphBuilder("vision");
  const inputs = declareVisionInputs(g, config, layout);
  g.output(visionTower(g, make(g), config, layout, inputs), "features");
  return g;
}

/**
 * Prompts, padded on the left so that all end together. Input `keyBias` [B, S]: 0 at tokens, a large negative number at padding.
 * Outputs `logits` [B, V] after the last token, and per layer `keys.L`, `values.L` [S, B·K, E], the order in which the cache grows.
 */
export function prefillGraph(config: ModelConfig, make: WeightMaker, layout: ForwardLayout): GraphBuilder {
  const g = new GraphBuilder("prefill");
  const { batch, length } = layout;
  const { kvHeads, headDim, hiddenSize } = config.text;
  const weights = make(g);
  const features = imageFeatures(g, weights, config, layout.images);
  const inputs = declareDecoderInputs(g, config, batch, length, features !== undefined);
  const keyBias = ops.reshape(g, g.input("keyBias", "float32", [batch, length]), [batch, 1, 1, 1, length]);
  const bias = ops.add(g, keyBias, causalMask(g, length));
  const x = embed(g, weights, inputs, features);
  const stack = decoderStack(g, weights, config, x, inputs, batch, length, {
    bias,
    injections: injections(g, config, inputs, features),
  });
  const last = ops.reshape(
    g,
    ops.slice(g, ops.reshape(g, stack.hidden, [batch, length, hiddenSize]), 1, length - 1, length),
    [batch, hiddenSize],
  );
  g.output(logits(g, weights, config, last), "logits");
  const growing = (heads: Tensor) =>
    ops.reshape(g, ops.transpose(g, heads, [2, 0, 1, 3]), [length, batch * kvHeads, headDim]);
  for (const [layer, keys] of stack.keys.entries()) g.output(growing(keys), `keys.${layer}`);
  for (const [layer, values] of stack.values.entries()) g.output(growing(values), `values.${layer}`);
  return g;
}

function causalMask(g: GraphBuilder, length: number): Tensor {
  const values = Array.from({ length: length * length }, (_, at) =>
    at % length > Math.floor(at / length) ? -1e9 : 0,
  );
  return g.constant("float32", [length, length], values);
}

/**
 * One new token for each of `batch` rows. Inputs: `tokens` [B], `cosines`, `sines` [B, E/2], `pastBias` [B·K, 1, P] (and `pastWindowBias` for layers with a sliding window), and per layer
 * `pastKeys.L`, `pastValues.L` [P, B·K, E]. Outputs `logits` [B, V], `keys.L`, `values.L` [B·K, E]: the caller appends them to the cache,
 * which so is never copied.
 */
export function decodeGraph(config: ModelConfig, make: WeightMaker, batch: number): GraphBuilder {
  const g = new GraphBuilder("decode");
  const { layers, heads, kvHeads, headDim } = config.text;
  const weights = make(g);
  const inputs = declareDecoderInputs(g, config, batch, 1, false);
  const pastBias = g.input("pastBias", "float32", [batch * kvHeads, 1, "P"]);
  const pastWindowBias =
    config.text.slidingWindow === undefined
      ? pastBias
      : g.input("pastWindowBias", "float32", [batch * kvHeads, 1, "P"]);
  const rows = g.constant("int64", [batch, 1], [...Array(batch).keys()]);
  const rotary = { rows, cosines: inputs.cosines, sines: inputs.sines };
  let hidden = embed(g, weights, inputs);
  for (let layer = 0; layer < layers; layer++) {
    const name = `model.layers.${layer}`;
    const pastKeys = g.input(`pastKeys.${layer}`, "float32", ["P", batch * kvHeads, headDim]);
    const pastValues = g.input(`pastValues.${layer}`, "float32", ["P", batch * kvHeads, headDim]);
    const normal = ops.rmsNorm(g, hidden, weights(`${name}.input_layernorm.weight`), config.text.rmsNormEps);
    const projected = projectHeads(g, weights, config, name, normal, rotary, batch);
    const [q, k, v] = projected.map((x, index) =>
      ops.reshape(g, x, [batch * kvHeads, index === 0 ? heads / kvHeads : 1, headDim]),
    ) as [Tensor, Tensor, Tensor];
    g.output(ops.reshape(g, k, [batch * kvHeads, headDim]), `keys.${layer}`);
    g.output(ops.reshape(g, v, [batch * kvHeads, headDim]), `values.${layer}`);
    const mixed = cachedAttention(
      ...([g, q, k, v, pastKeys, pastValues] as const),
      isWindowed(config, layer) ? pastWindowBias : pastBias,
    );
    hidden = finishLayer(g, weights, config, name, hidden, ops.reshape(g, mixed, [batch, heads * headDim]));
  }
  g.output(logits(g, weights, config, hidden), "logits");
  return g;
}

/** Attention of one query over the cache and itself: scores over both are normalised together. All [B·K, ·, E]; result [B·K, G, E]. */
function cachedAttention(
  g: GraphBuilder,
  q: Tensor,
  k: Tensor,
  v: Tensor,
  pastKeys: Tensor,
  pastValues: Tensor,
  pastBias: Tensor,
): Tensor {
  const alpha = 1 / Math.sqrt(q.shape[2] as number);
  const past = ops.add(
    g,
    ops.fusedMatMul(g, q, pastKeys, { transB: true, transBatchB: true, alpha }),
    pastBias,
  );
  const own = ops.fusedMatMul(g, q, k, { transB: true, alpha });
  const highest = ops.max(g, ops.reduceMax(g, past, [2]), own);
  const [pastShare, ownShare] = [ops.exp(g, ops.sub(g, past, highest)), ops.exp(g, ops.sub(g, own, highest))];
  const total = ops.add(g, ops.reduceSum(g, pastShare, [2]), ownShare);
  const mixed = ops.add(
    g,
    ops.fusedMatMul(g, pastShare, pastValues, { transBatchB: true }),
    ops.mul(g, ownShare, v),
  );
  return ops.div(g, mixed, total);
}
