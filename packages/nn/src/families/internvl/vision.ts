// N tiles · P patches a tile · L = P + 1 with the class token · D tower width
import { type GraphBuilder, ops, type Tensor } from "@mede2/onnx";
import { linear } from "../../layers/linear.ts";
import { gelu, norm, vitLayer } from "../../layers/vit.ts";
import type { Weights } from "../../layers/weights.ts";
import { blockOrder, embedPatches } from "../tiles/tiles.ts";
import type { VisionInputs, VisionLayout } from "../vision.ts";
import type { InternVlConfig } from "./config.ts";

/** InternViT with pixel shuffle and a two-layer projector (InternVL3, arXiv 2504.10479 §2.1): tiles → features [N·P/m², D of the decoder]. */
export function internVlTower(
  g: GraphBuilder,
  weights: Weights,
  { vision }: InternVlConfig,
  layout: VisionLayout,
  inputs: VisionInputs,
): Tensor {
  const { images: tiles, patches } = layout;
  const width = vision.hiddenSize;
  const at = "visual.embeddings";
  const patch = embedPatches(
    ...([g, inputs.pixels] as const),
    weights(`${at}.patch_embeddings.projection.weight`),
    weights(`${at}.patch_embeddings.projection.bias`),
    tiles,
  );
  const cls = ops.expand(g, weights(`${at}.cls_token`), [tiles, 1, width]);
  const order = g.constant("int64", [patches + 1], [0, ...blockOrder(vision).map((place) => place + 1)]);
  const places = ops.gather(g, weights(`${at}.position_embeddings`), order, 1);
  const start = ops.add(g, ops.concat(g, [cls, patch], 1), places);
  let hidden = ops.reshape(g, start, [tiles * (patches + 1), width]);
  for (let layer = 0; layer < vision.depth; layer++) {
    const name = `visual.encoder.layer.${layer}`;
    hidden = vitLayer(g, weights, hidden, {
      tiles,
      heads: vision.heads,
      epsilon: vision.normEps,
      activation: vision.act,
      bias: vision.attentionBias,
      rms: vision.rmsNorm,
      names: {
        norm1: `${name}.layernorm_before`,
        norm2: `${name}.layernorm_after`,
        attention: `${name}.attention`,
        output: `${name}.attention.projection_layer`,
        mlp: `${name}.mlp`,
      },
      scales: [`${name}.lambda_1`, `${name}.lambda_2`],
      ...(vision.qkNorm
        ? { qkNorms: [`${name}.attention.q_norm.weight`, `${name}.attention.k_norm.weight`] as const }
        : {}),
    });
  }
  const seen = vision.meanPooling ? hidden : norm(g, weights, "visual.layernorm", hidden, vision.normEps);
  const own = ops.slice(g, ops.reshape(g, seen, [tiles, patches + 1, width]), 1, 1, patches + 1);
  const merged = ops.reshape(g, own, [(tiles * patches) / vision.merge ** 2, width * vision.merge ** 2]);
  const normal = norm(g, weights, "visual.projector.layer_norm", merged, 1e-5);
  const inner = gelu(g, linear(g, weights, "visual.projector.linear_1", normal, true), "gelu");
  return linear(g, weights, "visual.projector.linear_2", inner, true);
}
