// A random InternVL3 folder in the layout of transformers, with the published token ids, as small as engines accept. Same arguments, same bytes.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { modelKeys, readModelConfig, writeModelFolder } from "@mede2/nn";
import { randomTensors } from "./random-tensors.mjs";

const special = {
  "<|endoftext|>": 151643,
  "<|im_start|>": 151644,
  "<|im_end|>": 151645,
  "<img>": 151665,
  "</img>": 151666,
  "<IMG_CONTEXT>": 151667,
};

const template = `{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n'}}{% if message['content'] is string %}{{ message['content'] }}{% else %}{% for content in message['content'] %}{% if content['type'] == 'image' %}{{ '<IMG_CONTEXT>\\n' }}{% else %}{{ content['text'] }}{% endif %}{% endfor %}{% endif %}{{'<|im_end|>\\n'}}{% endfor %}{% if add_generation_prompt %}{{'<|im_start|>assistant\\n' }}{% endif %}`;

/** Writes the folder with the vocabulary and merges of `from` (the shipped Tiny); without `weights` only what reads text and pictures. */
export async function writeInternVlModel(
  folder,
  from,
  { weights = true, seed = 1, layers = 2, side = 112 } = {},
) {
  const read = async (name) => JSON.parse(await readFile(join(from, name), "utf8"));
  const tokenizer = await read("tokenizer.json");
  const added = Object.entries(special).map(([content, id]) => ({
    ...{ id, content, special: true },
    ...{ single_word: false, lstrip: false, rstrip: false, normalized: false },
  }));
  const patch = 14;
  const config = {
    ...{
      architectures: ["InternVLForConditionalGeneration"],
      model_type: "internvl",
      torch_dtype: "float32",
    },
    ...{ image_token_id: 151667, downsample_ratio: 0.5, image_seq_length: (side / patch / 2) ** 2 },
    ...{ projector_hidden_act: "gelu", vision_feature_layer: -1, vision_feature_select_strategy: "default" },
    tie_word_embeddings: false,
    text_config: {
      ...{ architectures: ["Qwen2ForCausalLM"], model_type: "qwen2", torch_dtype: "float32" },
      ...{ vocab_size: 151674, hidden_size: 64, intermediate_size: 192, num_hidden_layers: layers },
      ...{
        num_attention_heads: 4,
        num_key_value_heads: 2,
        max_position_embeddings: 4096,
        hidden_act: "silu",
      },
      ...{ rms_norm_eps: 1e-6, rope_theta: 1000000, tie_word_embeddings: false, use_sliding_window: false },
      ...{ bos_token_id: 151643, eos_token_id: 151645, max_window_layers: layers },
    },
    vision_config: {
      ...{ architectures: ["InternVisionModel"], model_type: "internvl_vision", torch_dtype: "float32" },
      ...{ hidden_size: 32, intermediate_size: 64, num_hidden_layers: 2, num_attention_heads: 2 },
      ...{ image_size: [side, side], patch_size: [patch, patch], attention_bias: true, layer_norm_eps: 1e-6 },
      ...{ norm_type: "layer_norm", use_qk_norm: false, use_mean_pooling: true, hidden_act: "gelu" },
      ...{ use_absolute_position_embeddings: true, layer_scale_init_value: 0.1, num_channels: 3 },
    },
  };
  Object.assign(tokenizer.model.vocab, special);
  const token = (content) => added.find((each) => each.content === content).content;
  const files = {
    "config.json": config,
    "tokenizer.json": { ...tokenizer, added_tokens: added },
    "tokenizer_config.json": {
      ...{
        tokenizer_class: "Qwen2Tokenizer",
        eos_token: token("<|im_end|>"),
        pad_token: token("<|endoftext|>"),
      },
      ...{ bos_token: null, unk_token: null, model_max_length: 4096, processor_class: "InternVLProcessor" },
      ...{ start_image_token: "<img>", end_image_token: "</img>", context_image_token: "<IMG_CONTEXT>" },
      ...{ add_prefix_space: false, clean_up_tokenization_spaces: false },
      added_tokens_decoder: Object.fromEntries(added.map(({ id, ...rest }) => [id, rest])),
    },
    "preprocessor_config.json": {
      ...{ image_processor_type: "GotOcr2ImageProcessor", processor_class: "InternVLProcessor" },
      ...{ do_resize: true, do_rescale: true, do_normalize: true, do_convert_rgb: true, resample: 3 },
      ...{ size: { height: side, width: side }, crop_to_patches: false, min_patches: 1, max_patches: 12 },
      ...{ image_mean: [0.485, 0.456, 0.406], image_std: [0.229, 0.224, 0.225], rescale_factor: 1 / 255 },
    },
    "processor_config.json": {
      processor_class: "InternVLProcessor",
      image_seq_length: (side / patch / 2) ** 2,
    },
    "generation_config.json": { eos_token_id: [151645], pad_token_id: 151643, do_sample: false },
  };
  const texts = { "chat_template.jinja": template };
  for (const [name, value] of Object.entries(files)) texts[name] = `${JSON.stringify(value)}\n`;
  if (!weights) {
    await mkdir(folder, { recursive: true });
    for (const [name, text] of Object.entries(texts)) await writeFile(join(folder, name), text);
    return;
  }
  const parsed = readModelConfig(config, "config.json");
  const tensors = randomTensors(modelKeys(parsed), seed);
  await writeModelFolder(folder, { config: parsed, tensors, names: "published", files: texts });
}
