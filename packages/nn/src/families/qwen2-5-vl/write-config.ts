import type { JsonObject } from "../../json-fields.ts";
import { writeEndTokens } from "../decoder/config.ts";
import type { Qwen25VlConfig } from "./config.ts";

/** The published flat layout, which transformers v4 and v5, vLLM, TRL and ms-swift read. Inverse of the reader. */
export function writeQwen25VlConfig(config: Qwen25VlConfig): JsonObject {
  const { text, vision, tokens, dtype } = config;
  return {
    architectures: ["Qwen2_5_VLForConditionalGeneration"],
    model_type: "qwen2_5_vl",
    attention_dropout: 0,
    ...writeEndTokens(tokens),
    vision_start_token_id: tokens.visionStart,
    vision_end_token_id: tokens.visionEnd,
    image_token_id: tokens.image,
    video_token_id: tokens.video,
    hidden_act: "silu",
    hidden_size: text.hiddenSize,
    initializer_range: text.initializerRange,
    intermediate_size: text.intermediate,
    max_position_embeddings: text.maxPositions,
    max_window_layers: text.slidingWindow?.layers[0] ?? text.layers,
    num_attention_heads: text.heads,
    num_hidden_layers: text.layers,
    num_key_value_heads: text.kvHeads,
    rms_norm_eps: text.rmsNormEps,
    rope_theta: text.ropeTheta,
    rope_scaling: { type: "mrope", mrope_section: text.mropeSection },
    sliding_window: text.slidingWindow?.size ?? text.maxPositions,
    use_sliding_window: text.slidingWindow !== undefined,
    tie_word_embeddings: text.tieWordEmbeddings,
    torch_dtype: dtype,
    use_cache: true,
    vocab_size: text.vocab,
    vision_config: {
      model_type: "qwen2_5_vl",
      depth: vision.depth,
      hidden_act: vision.hiddenAct,
      hidden_size: vision.hiddenSize,
      intermediate_size: vision.intermediate,
      num_heads: vision.heads,
      in_chans: vision.inChannels,
      in_channels: vision.inChannels,
      out_hidden_size: vision.outHiddenSize,
      patch_size: vision.patchSize,
      spatial_merge_size: vision.spatialMerge,
      spatial_patch_size: vision.patchSize,
      window_size: vision.windowSize,
      fullatt_block_indexes: vision.fullAttentionBlocks,
      tokens_per_second: vision.tokensPerSecond,
      temporal_patch_size: vision.temporalPatchSize,
      ...(vision.ropeTheta === 10_000
        ? {}
        : { rope_parameters: { rope_type: "axial", rope_theta: vision.ropeTheta } }),
    },
  };
}
