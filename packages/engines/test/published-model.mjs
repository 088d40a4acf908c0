// A random model of the Qwen2.5-VL architecture with the published token ids (vocabulary 151,936) and the published chat template's form, as small as engines accept:
// ms-swift takes the ids for granted, so the shipped Tiny will not do. Same arguments, same bytes.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { modelKeys, readModelConfig, writeModelConfig, writeModelFolder } from "@mede2/nn";
import { randomTensors } from "./random-tensors.mjs";

const special = {
  "<|endoftext|>": 151643,
  "<|im_start|>": 151644,
  "<|im_end|>": 151645,
  "<|vision_start|>": 151652,
  "<|vision_end|>": 151653,
  "<|vision_pad|>": 151654,
  "<|image_pad|>": 151655,
  "<|video_pad|>": 151656,
};

const template = `{%- for message in messages -%}
{%- if loop.first and message.role != 'system' -%}
<|im_start|>system
You are a helpful assistant.<|im_end|>
{% endif -%}
<|im_start|>{{ message.role }}
{% if message.content is string %}{{ message.content }}{% else %}{% for part in message.content %}{% if part.type == 'image' %}<|vision_start|><|image_pad|><|vision_end|>{% else %}{{ part.text }}{% endif %}{% endfor %}{% endif %}<|im_end|>
{% endfor -%}
{%- if add_generation_prompt -%}<|im_start|>assistant
{% endif -%}`;

/**
 * Writes the folder. `from` is a Qwen2.5-VL folder whose sizes, vocabulary and merges are taken (the shipped Tiny). Without `weights` only what reads text and pictures is
 * written. `names`: "published" or "v5", those of the tensors.
 */
export async function writePublishedModel(
  folder,
  from,
  { weights = true, seed = 1, layers = 2, names = "published", pixels } = {},
) {
  const read = async (name) => JSON.parse(await readFile(join(from, name), "utf8"));
  const tokenizer = await read("tokenizer.json");
  const tokenizerConfig = await read("tokenizer_config.json");
  const config = {
    ...(await read("config.json")),
    ...{ vocab_size: 151936, torch_dtype: "float32", num_hidden_layers: layers, max_window_layers: layers },
    ...{
      bos_token_id: 151643,
      eos_token_id: 151645,
      pad_token_id: 151643,
      max_position_embeddings: 4096,
      rope_theta: 1000000,
    },
    ...{
      vision_start_token_id: 151652,
      vision_end_token_id: 151653,
      image_token_id: 151655,
      video_token_id: 151656,
    },
  };
  const added = tokenizer.added_tokens
    .filter(({ content }) => content in special)
    .map((token) => ({ ...token, id: special[token.content] }));
  Object.assign(tokenizer.model.vocab, special);
  const files = {
    "config.json": config,
    "tokenizer.json": { ...tokenizer, added_tokens: added },
    "tokenizer_config.json": {
      ...tokenizerConfig,
      added_tokens_decoder: Object.fromEntries(added.map(({ id, ...token }) => [id, token])),
    },
    "preprocessor_config.json": {
      ...(await read("preprocessor_config.json")),
      ...(pixels === undefined ? {} : { min_pixels: pixels.min, max_pixels: pixels.max }),
    },
    "generation_config.json": {
      bos_token_id: 151643,
      pad_token_id: 151643,
      eos_token_id: [151645],
      do_sample: false,
    },
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
  await writeModelFolder(folder, {
    config: parsed,
    tensors,
    names,
    files: { ...texts, "config.json": `${JSON.stringify(writeModelConfig(parsed), null, 2)}\n` },
  });
}
