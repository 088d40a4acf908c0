import { type GraphBuilder, ops, type Tensor } from "@mede2/onnx";
import type { Weights } from "../layers/weights.ts";
import { declareDecoderInputs, decoderStack, embed, injections } from "./decoder/decoder.ts";
import { featureWidth, visionOf } from "./families.ts";
import type { ModelConfig } from "./model-config.ts";
import type { VisionInputs, VisionLayout } from "./vision.ts";

/** Sizes of a batch: everything static that a compiled graph depends on. */
export type ForwardLayout = {
  readonly batch: number;
  readonly length: number;
  /**
   * Where image features come from: none, a tower inside the graph (trained, or too seldom used to cache), or an input `features`
   * [count, width] that was computed before by a frozen tower.
   */
  readonly images?: { readonly tower: VisionLayout } | { readonly features: number };
  readonly recompute?: boolean;
  /** Whether an input `attentionBias` [B, S, S] takes the place of the causal mask: rows hold several answers that do not see each other. */
  readonly branched?: boolean;
};

/** Declares the inputs of a batch and builds the whole model up to the hidden states before the final norm, [B·S, D]. */
export function forward(
  g: GraphBuilder,
  weights: Weights,
  config: ModelConfig,
  layout: ForwardLayout,
): Tensor {
  const { batch, length, images } = layout;
  const features = imageFeatures(g, weights, config, images);
  const bias =
    layout.branched === true
      ? ops.reshape(g, g.input("attentionBias", "float32", [batch, length, length]), [
          ...[batch, 1, 1, length, length],
        ])
      : undefined;
  const inputs = declareDecoderInputs(g, config, batch, length, features !== undefined);
  const x = embed(g, weights, inputs, features);
  return decoderStack(g, weights, config, x, inputs, batch, length, {
    recompute: layout.recompute === true,
    ...(bias === undefined ? {} : { bias }),
    injections: injections(g, config, inputs, features),
  }).hidden;
}

/** Image features in the order that `imageIndex` counts: units of the tower in its own order, or rows of the input. */
export function imageFeatures(
  g: GraphBuilder,
  weights: Weights,
  config: ModelConfig,
  images: ForwardLayout["images"],
): Tensor | undefined {
  if (images === undefined) return undefined;
  if ("features" in images) return g.input("features", "float32", [images.features, featureWidth(config)]);
  const inputs = declareVisionInputs(g, config, images.tower);
  return visionTower(g, weights, config, images.tower, inputs);
}

/** Inputs of a model's vision tower. */
export function declareVisionInputs(
  g: GraphBuilder,
  config: ModelConfig,
  layout: VisionLayout,
): VisionInputs {
  return visionOf(config).declareInputs(g, config, layout);
}

/** A model's vision tower with its projector: pixels → features [·, width], in the tower's order. */
export function visionTower(
  g: GraphBuilder,
  weights: Weights,
  config: ModelConfig,
  layout: VisionLayout,
  inputs: VisionInputs,
): Tensor {
  return visionOf(config).tower(g, weights, config, layout, inputs);
}
