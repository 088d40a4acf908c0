import { type FieldReader, fieldReader, type JsonObject } from "../../json-fields.ts";
import {
  type DecoderConfig,
  type Dtype,
  readDtype,
  readEndTokens,
  writeEndTokens,
} from "../decoder/config.ts";
import type { Qwen25VlTokens } from "../qwen2-5-vl/config.ts";
import { readDecoder } from "../text/config.ts";
import { writeDecoder } from "../text/write-config.ts";
import { unsupported, unsupportedUnless } from "../unsupported.ts";

export type Qwen3VlVisionConfig = {
  readonly hiddenSize: number;
  readonly depth: number;
  readonly heads: number;
  readonly headDim: number;
  readonly intermediate: number;
  readonly patchSize: number;
  readonly temporalPatchSize: number;
  readonly spatialMerge: number;
  readonly outHiddenSize: number;
  readonly inChannels: number;
  /** Side of the square table of learned positions. */
  readonly positionsSide: number;
  /** Blocks whose output goes, merged, into the first decoder layers (DeepStack, arXiv 2406.04334). */
  readonly deepstack: readonly number[];
  readonly ropeTheta: number;
};

export type Qwen3VlConfig = {
  readonly family: "qwen3_vl";
  readonly text: DecoderConfig & { readonly mropeSection: readonly [number, number, number] };
  readonly vision: Qwen3VlVisionConfig;
  readonly tokens: Qwen25VlTokens;
  readonly dtype: Dtype;
};

/**
 * Reads config.json of a Qwen3-VL model (dense); class defaults of transformers 5.23.0 where fields are left out.
 *
 * @throws NnFault `field-missing` | `field-wrong` | `config-unsupported`, naming file and field
 */
export function readQwen3VlConfig(json: unknown, file = "config.json"): Qwen3VlConfig {
  const root = fieldReader(json, file);
  const part = root.object("text_config") ?? root.fail("text_config", "is missing");
  const from = root.object("vision_config") ?? root.fail("vision_config", "is missing");
  const text = readText(root, part);
  const vision = readVision(from);
  if (vision.outHiddenSize !== text.hiddenSize)
    from.fail(
      "out_hidden_size",
      `is ${vision.outHiddenSize}, but the decoder's hidden_size is ${text.hiddenSize}; they must be equal`,
    );
  if (vision.deepstack.length > text.layers)
    from.fail("deepstack_visual_indexes", `has more entries than the decoder's ${text.layers} layers`);
  return {
    family: "qwen3_vl",
    ...{ text, vision },
    tokens: {
      image: root.integer("image_token_id", 151655),
      video: root.integer("video_token_id", 151656),
      visionStart: root.integer("vision_start_token_id", 151652),
      visionEnd: root.integer("vision_end_token_id", 151653),
      ...readEndTokens(root, part),
    },
    dtype: readDtype(root, part),
  };
}

function readText(root: FieldReader, part: FieldReader): Qwen3VlConfig["text"] {
  const rope = part.object("rope_parameters") ?? part.object("rope_scaling");
  const decoder = readDecoder("qwen3", part, true);
  const half = decoder.headDim / 2;
  const section = rope?.integers("mrope_section", [24, 20, 20]) ?? [24, 20, 20];
  const [t, h, w] = section;
  if (t === undefined || h === undefined || w === undefined || t + h + w !== half)
    (rope ?? part).fail(
      "mrope_section",
      `[${section}] must be three numbers that sum to head size / 2 = ${half}`,
    );
  const interleaved = rope?.boolean("mrope_interleaved", true) ?? true;
  if (!interleaved) unsupported(rope ?? part, "mrope_interleaved", "false (transformers interleaves always)");
  return {
    ...decoder,
    ropeTheta: rope?.has("rope_theta") ? rope.number("rope_theta") : part.number("rope_theta", 500_000),
    maxPositions: part.integer("max_position_embeddings", 128_000),
    mropeSection: [t as number, h as number, w as number],
    mropeInterleaved: true,
    tieWordEmbeddings: root.boolean("tie_word_embeddings", part.boolean("tie_word_embeddings", false)),
  };
}

function readVision(from: FieldReader): Qwen3VlVisionConfig {
  const hiddenSize = from.integer("hidden_size", 1152);
  const heads = from.integer("num_heads", 16);
  const headDim = hiddenSize / heads;
  if (!Number.isInteger(headDim) || headDim % 4 !== 0)
    from.fail("hidden_size", `${hiddenSize} over ${heads} heads must be a multiple of 4 (two rotary axes)`);
  unsupportedUnless(from, "hidden_act", "gelu_pytorch_tanh");
  const depth = from.integer("depth", 27);
  const deepstack = from.integers("deepstack_visual_indexes", [8, 16, 24]);
  if (deepstack.some((block) => block < 0 || block >= depth))
    from.fail("deepstack_visual_indexes", `[${deepstack}] names a block beyond the ${depth} there are`);
  const positions = from.integer("num_position_embeddings", 2304);
  const positionsSide = Math.sqrt(positions);
  if (!Number.isInteger(positionsSide)) from.fail("num_position_embeddings", `${positions} is not a square`);
  return {
    ...{ hiddenSize, depth, heads, headDim, deepstack, positionsSide },
    intermediate: from.integer("intermediate_size", 4304),
    patchSize: from.integer("patch_size", 16),
    temporalPatchSize: from.integer("temporal_patch_size", 2),
    spatialMerge: from.integer("spatial_merge_size", 2),
    outHiddenSize: from.integer("out_hidden_size", 3584),
    inChannels: from.integer("in_channels", 3),
    ropeTheta: from.object("rope_parameters")?.number("rope_theta", 10_000) ?? 10_000,
  };
}

/** Inverse of the reader. */
export function writeQwen3VlConfig({ text, vision, tokens, dtype }: Qwen3VlConfig): JsonObject {
  return {
    architectures: ["Qwen3VLForConditionalGeneration"],
    model_type: "qwen3_vl",
    ...writeEndTokens(tokens),
    image_token_id: tokens.image,
    video_token_id: tokens.video,
    vision_start_token_id: tokens.visionStart,
    vision_end_token_id: tokens.visionEnd,
    tie_word_embeddings: text.tieWordEmbeddings,
    torch_dtype: dtype,
    text_config: {
      ...writeDecoder("qwen3", text),
      model_type: "qwen3_vl_text",
      rope_scaling: { rope_type: "default", mrope_section: text.mropeSection, mrope_interleaved: true },
      dtype,
      ...writeEndTokens(tokens),
    },
    vision_config: {
      model_type: "qwen3_vl_vision",
      deepstack_visual_indexes: vision.deepstack,
      depth: vision.depth,
      hidden_act: "gelu_pytorch_tanh",
      hidden_size: vision.hiddenSize,
      in_channels: vision.inChannels,
      intermediate_size: vision.intermediate,
      num_heads: vision.heads,
      num_position_embeddings: vision.positionsSide ** 2,
      out_hidden_size: vision.outHiddenSize,
      patch_size: vision.patchSize,
      spatial_merge_size: vision.spatialMerge,
      temporal_patch_size: vision.temporalPatchSize,
      ...(vision.ropeTheta === 10_000
        ? {}
        : { rope_parameters: { rope_type: "axial", rope_theta: vision.ropeTheta } }),
    },
  };
}
