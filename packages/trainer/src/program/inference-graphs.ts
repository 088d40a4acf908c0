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
 * Outputs those of `choices` after the last token, and per layer `keys.L`, `values.L` [S, B·K, E], the order in which the cache grows.
 */
export function prefillGraph(
  config: ModelConfig,
  make: WeightMaker,
  layout: ForwardLayout,
  greedy: boolean,
): GraphBuilder {
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
  choices(g, logits(g, weights, config, last), greedy);
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

/** How a decoding step meets the keys and values of what came before. */
export type CacheUse =
  /** Input and outputs are one array: the step writes the new position into it and then reads all of them. Needs a runtime that reads inputs where they lie. */
  | "shared"
  /** The new position is joined to a copy of the others. */
  | "joined";

/**
 * One new token for each row; their number B is free. Inputs: `tokens` [B], `turns` [B, 1] (0 … B − 1), `cosines`, `sines` [B, E/2], `bias` [K·B, 1, P + 1] (and `windowBias` for
 * layers with a sliding window), and per layer `keys.L`, `values.L`: [P + 1, K·B, E] of a shared cache, the last position being what the step writes, else [P, K·B, E]. Outputs:
 * those of `choices`, and per layer `newKeys.L`, `newValues.L` [K·B, 1, E], which the caller has written to the cache, in place.
 */
export function decodeGraph(
  config: ModelConfig,
  make: WeightMaker,
  { cache, greedy }: { readonly cache: CacheUse; readonly greedy: boolean },
): GraphBuilder {
  const g = new GraphBuilder("decode");
  const { layers, heads, kvHeads, headDim } = config.text;
  const weights = make(g);
  const pairs = kvHeads === 1 ? "B" : `${kvHeads}*B`;
  const half = ["B", headDim / 2];
  const rotary = {
    rows: g.input("turns", "int64", ["B", 1]),
    cosines: g.input("cosines", "float32", half),
    sines: g.input("sines", "float32", half),
  };
  const biasInput = (name: string): Tensor => g.input(name, "float32", [pairs, 1, "P+1"]);
  const bias = biasInput("bias");
  const windowBias = config.text.slidingWindow === undefined ? bias : biasInput("windowBias");
  let hidden = embed(g, weights, { tokens: g.input("tokens", "int64", ["B"]) });
  for (let layer = 0; layer < layers; layer++) {
    const name = `model.layers.${layer}`;
    const normal = ops.rmsNorm(g, hidden, weights(`${name}.input_layernorm.weight`), config.text.rmsNormEps);
    const projected = projectHeads(g, weights, config, name, normal, rotary, "rows");
    const [q, k, v] = projected.map((x, index) =>
      ops.reshape(g, x, [-1, index === 0 ? heads / kvHeads : 1, headDim]),
    ) as [Tensor, Tensor, Tensor];
    const all = (own: Tensor, what: "keys" | "values"): Tensor => {
      g.output(own, `${what === "keys" ? "newKeys" : "newValues"}.${layer}`);
      const shape = [cache === "shared" ? "P+1" : "P", pairs, headDim];
      const known = g.input(`${what}.${layer}`, "float32", shape);
      return cache === "shared" ? known : ops.concat(g, [known, ops.transpose(g, own, [1, 0, 2])], 0);
    };
    const [keys, values] = [all(k, "keys"), all(v, "values")];
    const query = cache === "shared" ? after(g, q, k, v) : q;
    const seen = isWindowed(config, layer) ? windowBias : bias;
    const alpha = 1 / Math.sqrt(headDim);
    const scores = ops.fusedMatMul(g, query, keys, { transB: true, transBatchB: true, alpha });
    const shares = ops.softmax(g, ops.add(g, scores, seen));
    const mixed = ops.fusedMatMul(g, shares, values, { transBatchB: true });
    hidden = finishLayer(g, weights, config, name, hidden, ops.reshape(g, mixed, [-1, heads * headDim]));
  }
  choices(g, logits(g, weights, config, hidden), greedy);
  return g;
}

/** `x`, made after `others`: the runtime does not know that a later product reads what they write. */
function after(g: GraphBuilder, x: Tensor, ...others: readonly Tensor[]): Tensor {
  const never = g.constant("bool", [1], [0]);
  return others.reduce((value, other) => ops.where(g, never, other, value), x);
}

/** What is known of the next tokens: `logits` [B, V], or of greedy decoding `best` [B] and `bestLogProb` [B, 1] alone. */
function choices(g: GraphBuilder, logits_BV: Tensor, greedy: boolean): void {
  if (!greedy) {
    g.output(logits_BV, "logits");
    return;
  }
  g.output(ops.argMax(g, logits_BV, 1), "best");
  g.output(ops.log(g, ops.reduceMax(g, ops.softmax(g, logits_BV), [1])), "bestLogProb");
}
