import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type ModelConfig, openModelFolder, type Qwen25VlConfig, writeModelFolder } from "@mede2/nn";
import type { Encoder, ModelState } from "@mede2/trainer";
import { initialParameters } from "../tiny/initial-parameters.ts";
import { tinyChatTemplate, tinyConfig, tinyPreprocessor } from "../tiny/tiny-model.ts";
import { tinyTokenizer } from "../tiny/tiny-tokenizer.ts";
import {
  type BenchBatch,
  promptBatch,
  randomRows,
  trainingBatch,
  wardPrompts,
  wardRows,
} from "./bench-batches.ts";
import type { BenchModel, BenchWork } from "./bench-report.ts";

/** A model that both sides open, and what they do with it. */
export type BenchSubject = {
  readonly folder: string;
  readonly config: ModelConfig;
  /** Where its weights come from, in words. */
  readonly weights: string;
  batches(work: BenchWork): readonly BenchBatch[];
  /** What a batch is, in words. */
  describe(work: BenchWork): string;
};

const seed = 20_250_523;

/** Makes or finds the model in question. `work` is a folder for what must be written. */
export async function benchSubject(model: BenchModel, work: string): Promise<BenchSubject> {
  return model === "tiny" ? tinySubject(work) : textSubject(work);
}

/** Tiny, as shipped with this package; fresh weights of the same architecture where it is not. Fine-tuned on the ward's Stage-I demonstrations. */
async function tinySubject(work: string): Promise<BenchSubject> {
  const shipped = fileURLToPath(new URL("../../models/tiny", import.meta.url));
  const found = existsSync(join(shipped, "config.json"));
  const folder = found ? shipped : await freshTiny(join(work, "tiny"));
  const opened = await openModelFolder(folder);
  const encoder: Encoder = { config: opened.config, processor: await opened.processor() };
  const pad = encoder.processor.tokenizer.padId;
  const rows = wardRows(encoder, 96, seed);
  const prompts = wardPrompts(encoder, 32, seed);
  return {
    folder,
    config: opened.config,
    weights: found ? "as shipped" : "random",
    batches: (what) =>
      what === "sft-full"
        ? [0, 32, 64].map((from) => trainingBatch(rows.slice(from, from + 32), pad))
        : [promptBatch(what === "generate-1" ? prompts.slice(0, 1) : prompts, pad)],
    describe: (what) =>
      what === "sft-full" ? "32 Stage-I demonstrations of the ward" : "questions of the ward",
  };
}

async function freshTiny(folder: string): Promise<string> {
  const tokenizer = tinyTokenizer();
  const vocab = Math.ceil(tokenizer.size / 64) * 64;
  const json = (value: object): string => `${JSON.stringify(value)}\n`;
  return writeModel(folder, initialParameters(tinyConfig(vocab, tokenizer.tokens), seed), {
    "tokenizer.json": json(tokenizer.tokenizerJson),
    "tokenizer_config.json": json(tokenizer.tokenizerConfig),
    "chat_template.jinja": tinyChatTemplate,
    "preprocessor_config.json": json(tinyPreprocessor),
  });
}

/** 30 million parameters and no pictures: the decoder that most small language models have. */
async function textSubject(work: string): Promise<BenchSubject> {
  const config = textConfig();
  const folder = await writeModel(join(work, "30m"), initialParameters(config, seed), {});
  const words = config.text.vocab - specialTokens;
  const rows = (count: number, length: number, part: number) => randomRows(count, length, words, seed + part);
  return {
    folder,
    config,
    weights: "random",
    batches: (what) =>
      what === "sft-full"
        ? [0, 1].map((part) => trainingBatch(rows(4, 256, part), 0))
        : [promptBatch(rows(what === "generate-1" ? 1 : 32, 128, 2), 0)],
    describe: (what) =>
      what === "sft-full" ? "4 × 256 random tokens, half of them supervised" : "128 random tokens a prompt",
  };
}

/** Ids at the end of the vocabulary of the text model that stand for pictures and ends. */
const specialTokens = 8;

/** Hidden 512, 8 layers, vocabulary 8,192. The family has a vision tower: the smallest one, which text never uses. */
export function textConfig(): Qwen25VlConfig {
  const vocab = 8192;
  const id = (n: number): number => vocab - specialTokens + n;
  const tiny = tinyConfig(vocab, {
    image: id(0),
    video: id(1),
    visionStart: id(2),
    visionEnd: id(3),
    bos: id(4),
    eos: [id(5)],
    pad: id(6),
  });
  return {
    ...tiny,
    text: {
      ...tiny.text,
      hiddenSize: 512,
      layers: 8,
      heads: 8,
      kvHeads: 8,
      headDim: 64,
      intermediate: 1408,
      mropeSection: [8, 12, 12],
    },
    vision: {
      ...tiny.vision,
      hiddenSize: 32,
      depth: 1,
      heads: 2,
      headDim: 16,
      intermediate: 64,
      fullAttentionBlocks: [0],
      outHiddenSize: 512,
    },
  };
}

async function writeModel(
  folder: string,
  { config, shapes, parameters }: ModelState,
  files: Readonly<Record<string, string>>,
): Promise<string> {
  const tensors = [...shapes].map(([name, shape]) => ({
    name,
    dtype: "F32" as const,
    shape,
    data: parameters.get(name)!,
  }));
  await writeModelFolder(folder, { config, tensors, files });
  return folder;
}
