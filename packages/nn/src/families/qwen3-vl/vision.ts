// N images · P patches an image, padded · R = N·P rows · U = R / merge² features · W tower width · D decoder width
import { type GraphBuilder, ops, staticShape, type Tensor } from "@mede2/onnx";
import { attention, joinHeads, splitHeads } from "../../layers/attention.ts";
import { linear } from "../../layers/linear.ts";
import { gelu, norm } from "../../layers/vit.ts";
import type { Weights } from "../../layers/weights.ts";
import type { VisionInputs, VisionLayout } from "../vision.ts";
import type { Qwen3VlConfig } from "./config.ts";

const EPSILON = 1e-6;

export function declareQwen3VlVision(
  g: GraphBuilder,
  { vision }: Qwen3VlConfig,
  layout: VisionLayout,
): VisionInputs {
  const rows = layout.images * layout.patches;
  const values = vision.inChannels * vision.temporalPatchSize * vision.patchSize ** 2;
  return {
    pixels: g.input("vision.pixels", "float32", [rows, values]),
    cosines: g.input("vision.cosines", "float32", [rows, vision.headDim / 2]),
    sines: g.input("vision.sines", "float32", [rows, vision.headDim / 2]),
    corners: g.input("vision.corners", "int64", [4 * rows]),
    shares: g.input("vision.shares", "float32", [4 * rows, 1]),
    ...(layout.padded ? { bias: g.input("vision.bias", "float32", [layout.images, layout.patches]) } : {}),
  };
}

/**
 * The vision tower of Qwen3-VL (arXiv 2511.21631 §2): learned positions between which each patch lies, rotary positions in attention, a merger, and one more
 * merger for each DeepStack level. Features [U, (1 + levels)·D]: those of the last block, then those of each level.
 */
export function qwen3VlTower(
  g: GraphBuilder,
  weights: Weights,
  { vision }: Qwen3VlConfig,
  layout: VisionLayout,
  inputs: VisionInputs,
): Tensor {
  const [rows, values] = staticShape(inputs.pixels) as [number, number];
  const width = vision.hiddenSize;
  const kernel = ops.reshape(g, weights("visual.patch_embed.proj.weight"), [width, values]);
  const patches = ops.fusedMatMul(g, inputs.pixels, kernel, { transB: true });
  const corners = ops.gather(g, weights("visual.pos_embed.weight"), inputs.corners!);
  const shared = ops.reshape(g, ops.mul(g, corners, inputs.shares!), [4, rows, width]);
  const places = ops.reduceSum(g, shared, [0], false);
  let hidden = ops.add(g, ops.add(g, patches, weights("visual.patch_embed.proj.bias")), places);
  const levels: Tensor[] = [];
  for (let block = 0; block < vision.depth; block++) {
    hidden = visionBlock(g, weights, vision, layout, inputs, hidden, block);
    const level = vision.deepstack.indexOf(block);
    if (level >= 0)
      levels[level] = merger(g, weights, vision, `visual.deepstack_merger_list.${level}`, hidden, true);
  }
  const last = merger(g, weights, vision, "visual.merger", hidden, false);
  return levels.length === 0 ? last : ops.concat(g, [last, ...levels], 1);
}

function visionBlock(
  g: GraphBuilder,
  weights: Weights,
  vision: Qwen3VlConfig["vision"],
  { images, patches }: VisionLayout,
  inputs: VisionInputs,
  hidden: Tensor,
  block: number,
): Tensor {
  const name = `visual.blocks.${block}`;
  const width = vision.hiddenSize;
  const rows = g.constant("int64", [images, patches], [...Array(images * patches).keys()]);
  const qkv = linear(
    ...([g, weights, `${name}.attn.qkv`] as const),
    norm(g, weights, `${name}.norm1`, hidden, EPSILON),
    true,
  );
  const part = (index: number): Tensor =>
    splitHeads(
      ...([g, ops.slice(g, qkv, 1, index * width, (index + 1) * width)] as const),
      ...([images, vision.heads, vision.headDim] as const),
    );
  const turn = (x: Tensor): Tensor => ops.rotaryEmbedding(g, x, rows, inputs.cosines!, inputs.sines!);
  const bias =
    inputs.bias === undefined ? undefined : ops.reshape(g, inputs.bias, [images, 1, 1, 1, patches]);
  const mixed = joinHeads(g, attention(g, turn(part(0)), turn(part(1)), part(2), bias));
  const attended = ops.add(g, hidden, linear(g, weights, `${name}.attn.proj`, mixed, true));
  const again = norm(g, weights, `${name}.norm2`, attended, EPSILON);
  const inner = gelu(g, linear(g, weights, `${name}.mlp.linear_fc1`, again, true), "gelu_pytorch_tanh");
  return ops.add(g, attended, linear(g, weights, `${name}.mlp.linear_fc2`, inner, true));
}

/** merge² patches → one feature. The norm comes before they are put together, or after. */
function merger(
  g: GraphBuilder,
  weights: Weights,
  vision: Qwen3VlConfig["vision"],
  name: string,
  hidden: Tensor,
  normAfter: boolean,
): Tensor {
  const together = (x: Tensor): Tensor =>
    ops.reshape(g, x, [-1, vision.hiddenSize * vision.spatialMerge ** 2]);
  const normal = normAfter
    ? norm(g, weights, `${name}.norm`, together(hidden), EPSILON)
    : together(norm(g, weights, `${name}.norm`, hidden, EPSILON));
  const inner = gelu(g, linear(g, weights, `${name}.linear_fc1`, normal, true), "gelu");
  return linear(g, weights, `${name}.linear_fc2`, inner, true);
}
