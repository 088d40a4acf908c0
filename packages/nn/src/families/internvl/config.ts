import { type FieldReader, fieldReader, type JsonObject } from "../../json-fields.ts";
import type { Activation } from "../../layers/vit.ts";
import {
  type DecoderConfig,
  type Dtype,
  type ModelTokens,
  readDtype,
  readEndTokens,
  writeEndTokens,
} from "../decoder/config.ts";
import { readDecoder, type TextFamilyName } from "../text/config.ts";
import { writeDecoder } from "../text/write-config.ts";
import { unsupported, unsupportedUnless } from "../unsupported.ts";

export type InternVlVisionConfig = {
  readonly hiddenSize: number;
  readonly depth: number;
  readonly heads: number;
  readonly intermediate: number;
  readonly imageSize: number;
  readonly patchSize: number;
  /** Patches a side that become one feature: 1 / `downsample_ratio`. */
  readonly merge: number;
  readonly inChannels: number;
  readonly act: Activation;
  readonly normEps: number;
  readonly rmsNorm: boolean;
  readonly qkNorm: boolean;
  readonly attentionBias: boolean;
  /** Without it the tower ends in a norm of its own. */
  readonly meanPooling: boolean;
  readonly layerScale: number;
};

/** InternVL3 in the layout of transformers (checkpoints named `…-hf`). */
export type InternVlConfig = {
  readonly family: "internvl";
  readonly decoder: TextFamilyName;
  readonly text: DecoderConfig;
  readonly vision: InternVlVisionConfig;
  readonly tokens: ModelTokens & { readonly image: number };
  readonly dtype: Dtype;
};

const decoders: readonly TextFamilyName[] = ["qwen2", "qwen3", "llama"];

/**
 * Reads config.json of an InternVL model in the layout of transformers; class defaults of transformers 5.23.0 where fields are left out.
 *
 * @throws NnFault `field-missing` | `field-wrong` | `config-unsupported`, naming file and field
 */
export function readInternVlConfig(json: unknown, file = "config.json"): InternVlConfig {
  const root = fieldReader(json, file);
  const part = root.object("text_config") ?? root.fail("text_config", "is missing");
  const type = part.string("model_type", "qwen2");
  const decoder = decoders.find((known) => known === type) ?? unsupported(part, "model_type", `"${type}"`);
  unsupportedUnless(root, "projector_hidden_act", "gelu");
  unsupportedUnless(root, "vision_feature_select_strategy", "default");
  if (root.integer("vision_feature_layer", -1) !== -1)
    unsupported(root, "vision_feature_layer", "another layer than the last");
  const text = readDecoder(decoder, part, true);
  const vision = root.object("vision_config") ?? root.fail("vision_config", "is missing");
  return {
    family: "internvl",
    decoder,
    // one flag for the whole model; older files have it with the decoder
    text: {
      ...text,
      tieWordEmbeddings: root.boolean("tie_word_embeddings", part.boolean("tie_word_embeddings", true)),
    },
    vision: readVision(vision, root),
    tokens: { image: root.integer("image_token_id", 151667), ...readEndTokens(root, part) },
    dtype: readDtype(root, part),
  };
}

function readVision(from: FieldReader, root: FieldReader): InternVlVisionConfig {
  const side = (key: string, fallback: number): number => {
    const raw = from.raw(key);
    if (!Array.isArray(raw)) return from.integer(key, fallback);
    const [height, width] = from.integers(key);
    if (height === undefined || height !== width) from.fail(key, `[${raw}] is not square`);
    return height as number;
  };
  const merge = 1 / root.number("downsample_ratio", 0.5);
  const [imageSize, patchSize] = [side("image_size", 448), side("patch_size", 14)];
  if (!Number.isInteger(merge) || (imageSize / patchSize) % merge !== 0)
    root.fail("downsample_ratio", `does not divide ${imageSize / patchSize} patches a side`);
  if (!from.boolean("use_absolute_position_embeddings", true))
    unsupported(from, "use_absolute_position_embeddings", "false");
  if (from.boolean("use_mask_token", false)) unsupported(from, "use_mask_token", "true");
  const act = from.string("hidden_act", "gelu");
  if (act !== "gelu" && act !== "gelu_pytorch_tanh") unsupported(from, "hidden_act", `"${act}"`);
  const norm = from.string("norm_type", "layer_norm");
  if (norm !== "layer_norm" && norm !== "rms_norm") unsupported(from, "norm_type", `"${norm}"`);
  return {
    hiddenSize: from.integer("hidden_size", 1024),
    depth: from.integer("num_hidden_layers", 24),
    heads: from.integer("num_attention_heads", 16),
    intermediate: from.integer("intermediate_size", 4096),
    ...{ imageSize, patchSize, merge },
    inChannels: from.integer("num_channels", 3),
    act: act as Activation,
    normEps: from.number("layer_norm_eps", 1e-6),
    rmsNorm: norm === "rms_norm",
    qkNorm: from.boolean("use_qk_norm", false),
    attentionBias: from.boolean("attention_bias", false),
    meanPooling: from.boolean("use_mean_pooling", true),
    layerScale: from.number("layer_scale_init_value", 0.1),
  };
}

/** Inverse of the reader. */
export function writeInternVlConfig(config: InternVlConfig): JsonObject {
  const { decoder, text, vision, tokens, dtype } = config;
  return {
    architectures: ["InternVLForConditionalGeneration"],
    model_type: "internvl",
    ...writeEndTokens(tokens),
    downsample_ratio: 1 / vision.merge,
    image_seq_length: (vision.imageSize / vision.patchSize / vision.merge) ** 2,
    image_token_id: tokens.image,
    projector_hidden_act: "gelu",
    tie_word_embeddings: text.tieWordEmbeddings,
    torch_dtype: dtype,
    vision_feature_layer: -1,
    vision_feature_select_strategy: "default",
    text_config: { model_type: decoder, ...writeDecoder(decoder, text), ...writeEndTokens(tokens) },
    vision_config: {
      model_type: "internvl_vision",
      attention_bias: vision.attentionBias,
      hidden_act: vision.act,
      hidden_size: vision.hiddenSize,
      image_size: [vision.imageSize, vision.imageSize],
      intermediate_size: vision.intermediate,
      layer_norm_eps: vision.normEps,
      layer_scale_init_value: vision.layerScale,
      norm_type: vision.rmsNorm ? "rms_norm" : "layer_norm",
      num_attention_heads: vision.heads,
      num_channels: vision.inChannels,
      num_hidden_layers: vision.depth,
      patch_size: [vision.patchSize, vision.patchSize],
      use_absolute_position_embeddings: true,
      use_mean_pooling: vision.meanPooling,
      use_qk_norm: vision.qkNorm,
    },
  };
}
