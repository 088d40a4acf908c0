// N images · W windows an image · P patches a window · L = W·P · U = L / merge² units · C values a patch · V tower width · D decoder width
import { type GraphBuilder, ops, staticShape, type Tensor } from "@mede2/onnx";
import { attention, joinHeads, splitHeads } from "../../layers/attention.ts";
import { linear, swiGlu } from "../../layers/linear.ts";
import type { Weights } from "../../layers/weights.ts";
import type { VisionInputs, VisionLayout } from "../vision.ts";
import type { Qwen25VlConfig } from "./config.ts";

export function declareVisionInputs(
  g: GraphBuilder,
  config: Qwen25VlConfig,
  layout: VisionLayout,
): VisionInputs {
  const { vision } = config;
  const rows = layout.images * layout.windows * layout.patches;
  const values = vision.inChannels * vision.temporalPatchSize * vision.patchSize ** 2;
  const half = vision.headDim / 2;
  return {
    pixels: g.input("vision.pixels", "float32", [rows, values]),
    cosines: g.input("vision.cosines", "float32", [rows, half]),
    sines: g.input("vision.sines", "float32", [rows, half]),
    ...(layout.padded
      ? { bias: g.input("vision.bias", "float32", [layout.images, layout.windows * layout.patches]) }
      : {}),
  };
}

/**
 * The vision tower of Qwen2.5-VL (arXiv 2502.13923 §2.1): patches → features of merged units, [N·U, D] in window order.
 * Nothing but attention mixes patches, so the whole tower runs in window order and only the caller's index knows it.
 */
export function visionTower(
  g: GraphBuilder,
  weights: Weights,
  config: Qwen25VlConfig,
  layout: VisionLayout,
  inputs: VisionInputs,
): Tensor {
  const { vision } = config;
  const values = staticShape(inputs.pixels)[1]!;
  const kernel = ops.reshape(g, weights("visual.patch_embed.proj.weight"), [vision.hiddenSize, values]);
  let hidden = ops.fusedMatMul(g, inputs.pixels, kernel, { transB: true });
  for (let block = 0; block < vision.depth; block++) {
    const full = vision.fullAttentionBlocks.includes(block);
    hidden = visionBlock(g, weights, config, layout, inputs, hidden, block, full);
  }
  return merger(g, weights, config, hidden);
}

function visionBlock(
  g: GraphBuilder,
  weights: Weights,
  { vision }: Qwen25VlConfig,
  layout: VisionLayout,
  inputs: VisionInputs,
  hidden: Tensor,
  block: number,
  full: boolean,
): Tensor {
  const name = `visual.blocks.${block}`;
  const width = vision.hiddenSize;
  const batch = full ? layout.images : layout.images * layout.windows;
  const length = full ? layout.windows * layout.patches : layout.patches;
  const rows = g.constant(
    "int64",
    [batch, length],
    Array.from({ length: batch * length }, (_, row) => row),
  );
  const normal = ops.rmsNorm(g, hidden, weights(`${name}.norm1.weight`), vision.rmsNormEps);
  const qkv = linear(g, weights, `${name}.attn.qkv`, normal, true);
  const part = (index: number): Tensor =>
    splitHeads(
      g,
      ops.slice(g, qkv, 1, index * width, (index + 1) * width),
      batch,
      vision.heads,
      vision.headDim,
    );
  const turn = (x: Tensor): Tensor => ops.rotaryEmbedding(g, x, rows, inputs.cosines!, inputs.sines!);
  const bias = inputs.bias === undefined ? undefined : ops.reshape(g, inputs.bias, [batch, 1, 1, 1, length]);
  const mixed = attention(g, turn(part(0)), turn(part(1)), part(2), bias);
  const attended = ops.add(g, hidden, linear(g, weights, `${name}.attn.proj`, joinHeads(g, mixed), true));
  const again = ops.rmsNorm(g, attended, weights(`${name}.norm2.weight`), vision.rmsNormEps);
  return ops.add(g, attended, swiGlu(g, weights, `${name}.mlp`, again, true));
}

function merger(g: GraphBuilder, weights: Weights, { vision }: Qwen25VlConfig, hidden: Tensor): Tensor {
  const normal = ops.rmsNorm(g, hidden, weights("visual.merger.ln_q.weight"), vision.rmsNormEps);
  const units = ops.reshape(g, normal, [-1, vision.hiddenSize * vision.spatialMerge ** 2]);
  const inner = ops.gelu(g, linear(g, weights, "visual.merger.mlp.0", units, true));
  return linear(g, weights, "visual.merger.mlp.2", inner, true);
}
