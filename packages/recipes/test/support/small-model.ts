import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { type QWEN_SPECIAL_TOKENS, trainBpe, writeModelFolder } from "@mede2/nn";
import { initialParameters } from "../../src/tiny/initial-parameters.ts";
import { tinyChatTemplate, tinyConfig, tinyPreprocessor } from "../../src/tiny/tiny-model.ts";

/** Writes a random model of the tiny family, thinner still, that knows the words of `texts` and sees pictures of `side` pixels. */
export async function writeSmallModel(
  folder: string,
  texts: readonly string[],
  { side = 56, vocabSize = 700, extraTokens = [] as readonly string[] } = {},
): Promise<void> {
  const tokenizer = trainBpe([...texts], { vocabSize, extraTokens: [...extraTokens] });
  const added = tokenizer.tokenizerJson.added_tokens as unknown as { id: number; content: string }[];
  const id = (token: (typeof QWEN_SPECIAL_TOKENS)[number]) =>
    added.find(({ content }) => content === token)!.id;
  const vocab = Math.ceil((Math.max(...added.map((each) => each.id)) + 1) / 64) * 64;
  const tiny = tinyConfig(vocab, {
    image: id("<|image_pad|>"),
    video: id("<|video_pad|>"),
    visionStart: id("<|vision_start|>"),
    visionEnd: id("<|vision_end|>"),
    bos: id("<|endoftext|>"),
    eos: [id("<|im_end|>")],
    pad: id("<|endoftext|>"),
  });
  const text = { ...tiny.text, layers: 2, intermediate: 128 };
  const vision = { ...tiny.vision, depth: 2, fullAttentionBlocks: [1], intermediate: 64 };
  const { config, shapes, parameters } = initialParameters({ ...tiny, text, vision }, 1);
  await mkdir(dirname(folder), { recursive: true });
  await writeModelFolder(folder, {
    config,
    tensors: [...shapes].map(([name, shape]) => ({ name, dtype: "F32", shape, data: parameters.get(name)! })),
    files: {
      "tokenizer.json": JSON.stringify(tokenizer.tokenizerJson),
      "tokenizer_config.json": JSON.stringify(tokenizer.tokenizerConfig),
      "chat_template.jinja": tinyChatTemplate,
      "preprocessor_config.json": JSON.stringify({
        ...tinyPreprocessor,
        min_pixels: side ** 2,
        max_pixels: side ** 2,
      }),
    },
  });
}
