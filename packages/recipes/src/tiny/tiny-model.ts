import type { Qwen25VlConfig } from "@mede2/nn";

/** Side of the pictures in pixels. */
export const tinySide = 112;

/** The Qwen2.5-VL architecture at about two million parameters: four windows of 56 pixels, every second block attends to the whole picture. */
export function tinyConfig(vocab: number, tokens: Qwen25VlConfig["tokens"]): Qwen25VlConfig {
  return {
    text: {
      hiddenSize: 128,
      layers: 4,
      heads: 4,
      kvHeads: 2,
      headDim: 32,
      intermediate: 384,
      vocab,
      ropeTheta: 10_000,
      mropeSection: [4, 6, 6],
      rmsNormEps: 1e-6,
      tieWordEmbeddings: true,
      maxPositions: 1024,
      initializerRange: 0.02,
    },
    vision: {
      hiddenSize: 128,
      depth: 4,
      heads: 4,
      headDim: 32,
      intermediate: 256,
      patchSize: 14,
      temporalPatchSize: 2,
      spatialMerge: 2,
      windowSize: 56,
      fullAttentionBlocks: [1, 3],
      outHiddenSize: 128,
      inChannels: 3,
      hiddenAct: "silu",
      ropeTheta: 10_000,
      rmsNormEps: 1e-6,
      tokensPerSecond: 2,
    },
    tokens,
    dtype: "float32",
  };
}

/** ChatML without a default system message, with pictures as the Qwen2.5-VL processor marks them. */
export const tinyChatTemplate = `{%- for message in messages -%}
<|im_start|>{{ message.role }}
{% if message.content is string %}{{ message.content }}{% else %}{% for part in message.content %}{% if part.type == 'image' %}<|vision_start|><|image_pad|><|vision_end|>{% else %}{{ part.text }}{% endif %}{% endfor %}{% endif %}<|im_end|>
{% endfor -%}
{%- if add_generation_prompt -%}<|im_start|>assistant
{% endif -%}`;

/** Pictures of any size become 112 × 112 (in area: the aspect ratio stays). */
export const tinyPreprocessor = {
  image_processor_type: "Qwen2VLImageProcessor",
  do_resize: true,
  do_rescale: true,
  do_normalize: true,
  do_convert_rgb: true,
  resample: 3,
  rescale_factor: 1 / 255,
  image_mean: [0.5, 0.5, 0.5],
  image_std: [0.25, 0.25, 0.25],
  patch_size: 14,
  temporal_patch_size: 2,
  merge_size: 2,
  min_pixels: tinySide ** 2,
  max_pixels: tinySide ** 2,
};
