import type { JsonObject } from "../../json-fields.ts";
import { biasesOf, type DecoderConfig, writeEndTokens } from "../decoder/config.ts";
import { writeRopeScaling } from "../decoder/rope-scaling.ts";
import type { TextFamilyName, TextModelConfig } from "./config.ts";

const architectures: { readonly [name in TextFamilyName]: string } = {
  llama: "LlamaForCausalLM",
  mistral: "MistralForCausalLM",
  qwen2: "Qwen2ForCausalLM",
  qwen3: "Qwen3ForCausalLM",
};

/** The published layout, which transformers v4 and v5, vLLM and TRL read. Inverse of the reader. */
export function writeTextModelConfig({ family, text, tokens, dtype }: TextModelConfig): JsonObject {
  return {
    architectures: [architectures[family]],
    model_type: family,
    ...writeEndTokens(tokens),
    ...writeDecoder(family, text),
    torch_dtype: dtype,
    use_cache: true,
  };
}

/** The decoder's fields. */
export function writeDecoder(family: TextFamilyName, text: DecoderConfig): JsonObject {
  const { qkv, mlp } = biasesOf(text);
  return {
    attention_dropout: 0,
    head_dim: text.headDim,
    hidden_act: "silu",
    hidden_size: text.hiddenSize,
    initializer_range: text.initializerRange,
    intermediate_size: text.intermediate,
    max_position_embeddings: text.maxPositions,
    num_attention_heads: text.heads,
    num_hidden_layers: text.layers,
    num_key_value_heads: text.kvHeads,
    rms_norm_eps: text.rmsNormEps,
    rope_theta: text.ropeTheta,
    rope_scaling: text.ropeScaling === undefined ? null : writeRopeScaling(text.ropeScaling),
    tie_word_embeddings: text.tieWordEmbeddings,
    vocab_size: text.vocab,
    ...(family === "qwen2" || family === "mistral" ? {} : { attention_bias: qkv }),
    ...(family === "llama" ? { mlp_bias: mlp } : family === "mistral" ? {} : writeSliding(text)),
    ...(family === "mistral" ? { sliding_window: text.slidingWindow?.size ?? null } : {}),
  };
}

function writeSliding({ slidingWindow, layers }: DecoderConfig): JsonObject {
  if (slidingWindow === undefined)
    return { use_sliding_window: false, sliding_window: null, max_window_layers: layers };
  return {
    use_sliding_window: true,
    sliding_window: slidingWindow.size,
    max_window_layers: slidingWindow.layers[0],
    layer_types: Array.from({ length: layers }, (_, layer) =>
      slidingWindow.layers.includes(layer) ? "sliding_attention" : "full_attention",
    ),
  };
}
