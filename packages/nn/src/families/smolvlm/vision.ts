// N tiles · P patches a tile · D tower width
import { type GraphBuilder, ops, type Tensor } from "@mede2/onnx";
import { linear } from "../../layers/linear.ts";
import { norm, vitLayer } from "../../layers/vit.ts";
import type { Weights } from "../../layers/weights.ts";
import { addDecoderKeys } from "../decoder/keys.ts";
import { blockOrder, embedPatches } from "../tiles/tiles.ts";
import type { VisionInputs, VisionLayout } from "../vision.ts";
import type { SmolVlmConfig } from "./config.ts";

/** Every tensor of a checkpoint with its shape. */
export function smolVlmKeys({ text, vision }: SmolVlmConfig): ReadonlyMap<string, readonly number[]> {
  const keys = new Map<string, readonly number[]>();
  const both = (key: string, weight: readonly number[]): void => {
    keys.set(`${key}.weight`, weight);
    keys.set(`${key}.bias`, [weight[0]!]);
  };
  const { hiddenSize: v, patchSize: p, intermediate } = vision;
  both("visual.embeddings.patch_embedding", [v, vision.inChannels, p, p]);
  keys.set("visual.embeddings.position_embedding.weight", [(vision.imageSize / p) ** 2, v]);
  for (let layer = 0; layer < vision.depth; layer++) {
    const at = `visual.encoder.layers.${layer}`;
    for (const name of ["q_proj", "k_proj", "v_proj", "out_proj"]) both(`${at}.self_attn.${name}`, [v, v]);
    both(`${at}.mlp.fc1`, [intermediate, v]);
    both(`${at}.mlp.fc2`, [v, intermediate]);
    both(`${at}.layer_norm1`, [v]);
    both(`${at}.layer_norm2`, [v]);
  }
  both("visual.post_layernorm", [v]);
  keys.set("visual.connector.modality_projection.proj.weight", [text.hiddenSize, v * vision.merge ** 2]);
  addDecoderKeys(keys, text);
  return keys;
}

/** SigLIP with pixel shuffle and one linear layer (Idefics3, arXiv 2408.12637 §3.1; SmolVLM, arXiv 2504.05299): tiles → features [N·P/m², D of the decoder]. */
export function smolVlmTower(
  g: GraphBuilder,
  weights: Weights,
  { vision }: SmolVlmConfig,
  layout: VisionLayout,
  inputs: VisionInputs,
): Tensor {
  const { images: tiles, patches } = layout;
  const width = vision.hiddenSize;
  const at = "visual.embeddings";
  const patch = embedPatches(
    ...([g, inputs.pixels] as const),
    weights(`${at}.patch_embedding.weight`),
    weights(`${at}.patch_embedding.bias`),
    tiles,
  );
  const order = g.constant("int64", [patches], [...blockOrder(vision)]);
  const start = ops.add(g, patch, ops.gather(g, weights(`${at}.position_embedding.weight`), order));
  let hidden = ops.reshape(g, start, [tiles * patches, width]);
  for (let layer = 0; layer < vision.depth; layer++) {
    const name = `visual.encoder.layers.${layer}`;
    hidden = vitLayer(g, weights, hidden, {
      ...{ tiles, heads: vision.heads, epsilon: vision.normEps, activation: vision.act, bias: true },
      names: {
        norm1: `${name}.layer_norm1`,
        norm2: `${name}.layer_norm2`,
        attention: `${name}.self_attn`,
        output: `${name}.self_attn.out_proj`,
        mlp: `${name}.mlp`,
      },
    });
  }
  const seen = norm(g, weights, "visual.post_layernorm", hidden, vision.normEps);
  const merged = ops.reshape(g, seen, [(tiles * patches) / vision.merge ** 2, width * vision.merge ** 2]);
  return linear(g, weights, "visual.connector.modality_projection.proj", merged, false);
}
