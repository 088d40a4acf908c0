import { fieldReader, type JsonObject } from "../../json-fields.ts";
import type { Activation } from "../../layers/vit.ts";
import {
  type DecoderConfig,
  type Dtype,
  type ModelTokens,
  readDtype,
  readEndTokens,
  writeEndTokens,
} from "../decoder/config.ts";
import { readDecoder } from "../text/config.ts";
import { writeDecoder } from "../text/write-config.ts";
import { unsupported } from "../unsupported.ts";

export type SmolVlmVisionConfig = {
  readonly hiddenSize: number;
  readonly depth: number;
  readonly heads: number;
  readonly intermediate: number;
  readonly imageSize: number;
  readonly patchSize: number;
  /** Patches a side that become one feature: `scale_factor`. */
  readonly merge: number;
  readonly inChannels: number;
  readonly act: Activation;
  readonly normEps: number;
};

/** SmolVLM and Idefics3: one architecture under two names. */
export type SmolVlmConfig = {
  readonly family: "smolvlm" | "idefics3";
  readonly text: DecoderConfig;
  readonly vision: SmolVlmVisionConfig;
  readonly tokens: ModelTokens & { readonly image: number };
  readonly dtype: Dtype;
};

/**
 * Reads config.json of SmolVLM or Idefics3; class defaults of transformers 5.23.0 where fields of the tower are left out.
 *
 * @throws NnFault `field-missing` | `field-wrong` | `config-unsupported`, naming file and field
 */
export function readSmolVlmConfig(
  family: SmolVlmConfig["family"],
  json: unknown,
  file = "config.json",
): SmolVlmConfig {
  const root = fieldReader(json, file);
  const part = root.object("text_config") ?? root.fail("text_config", "is missing");
  const type = part.string("model_type", "llama");
  if (type !== "llama") unsupported(part, "model_type", `"${type}" (only "llama" is implemented)`);
  const from = root.object("vision_config") ?? root.fail("vision_config", "is missing");
  const act = from.string("hidden_act", "gelu_pytorch_tanh");
  if (act !== "gelu" && act !== "gelu_pytorch_tanh") unsupported(from, "hidden_act", `"${act}"`);
  const [imageSize, patchSize] = [from.integer("image_size", 224), from.integer("patch_size", 32)];
  const merge = root.integer("scale_factor", 2);
  if ((imageSize / patchSize) % merge !== 0)
    root.fail("scale_factor", `${merge} does not divide ${imageSize / patchSize} patches a side`);
  return {
    family,
    text: {
      ...readDecoder("llama", part, true),
      tieWordEmbeddings: root.boolean("tie_word_embeddings", part.boolean("tie_word_embeddings", false)),
    },
    vision: {
      hiddenSize: from.integer("hidden_size", 1152),
      depth: from.integer("num_hidden_layers", 12),
      heads: from.integer("num_attention_heads", 16),
      intermediate: from.integer("intermediate_size", 3072),
      ...{ imageSize, patchSize, merge },
      inChannels: from.integer("num_channels", 3),
      act: act as Activation,
      normEps: from.number("layer_norm_eps", 1e-6),
    },
    tokens: { image: root.integer("image_token_id", 128257), ...readEndTokens(root, part) },
    dtype: readDtype(root, part),
  };
}

const architectures = {
  smolvlm: "SmolVLMForConditionalGeneration",
  idefics3: "Idefics3ForConditionalGeneration",
} as const;

/** Inverse of the reader. */
export function writeSmolVlmConfig({ family, text, vision, tokens, dtype }: SmolVlmConfig): JsonObject {
  return {
    architectures: [architectures[family]],
    model_type: family,
    ...writeEndTokens(tokens),
    image_token_id: tokens.image,
    scale_factor: vision.merge,
    tie_word_embeddings: text.tieWordEmbeddings,
    torch_dtype: dtype,
    text_config: { model_type: "llama", ...writeDecoder("llama", text), ...writeEndTokens(tokens) },
    vision_config: {
      model_type: `${family}_vision`,
      hidden_act: vision.act,
      hidden_size: vision.hiddenSize,
      image_size: vision.imageSize,
      intermediate_size: vision.intermediate,
      layer_norm_eps: vision.normEps,
      num_attention_heads: vision.heads,
      num_channels: vision.inChannels,
      num_hidden_layers: vision.depth,
      patch_size: vision.patchSize,
    },
  };
}
