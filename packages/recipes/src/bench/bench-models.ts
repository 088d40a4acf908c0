import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type ModelConfig, openModelFolder, type TextModelConfig, writeModelFolder } from "@mede2/nn";
import type { Encoder, ModelState } from "@mede2/trainer";
import { initialParameters } from "../tiny/initial-parameters.ts";
import { tinyChatTemplate, tinyConfig, tinyPreprocessor, tinySide } from "../tiny/tiny-model.ts";
import { tinyTokenizer } from "../tiny/tiny-tokenizer.ts";
import {
  type BenchBatch,
  promptBatch,
  randomRows,
  trainingBatch,
  wardPrompts,
  wardRows,
} from "./bench-batches.ts";
import { type BenchPair, wardPairs } from "./bench-pairs.ts";
import type { BenchModel, BenchWork } from "./bench-report.ts";
import { generationFlops, preferenceFlops, trainingFlops } from "./model-flops.ts";

/** What a work of the bench goes through, batch after batch, and the same in words. */
export type BenchInput = {
  readonly batches: readonly BenchBatch[] | readonly (readonly BenchPair[])[];
  /** Floating-point operations that each batch needs. */
  readonly flops: readonly number[];
  readonly words: string;
};

/** A model that both sides open, and what they do with it. */
export type BenchSubject = {
  readonly folder: string;
  readonly config: ModelConfig;
  /** Where its weights come from, in words. */
  readonly weights: string;
  readonly works: readonly BenchWork[];
  /** `newTokens`: how many are generated for a prompt. */
  input(work: BenchWork, newTokens: number): Promise<BenchInput>;
};

/** A model that is not at hand, and how to get it. */
export type NoSubject = { readonly reason: string };

const seed = 20_250_523;

/** Makes or finds the model in question. `work` is a folder for what must be written. */
export async function benchSubject(model: BenchModel, work: string): Promise<BenchSubject | NoSubject> {
  if (model === "tiny") return tinySubject(work);
  if (model === "tiny-151936") return wideSubject(work);
  return model === "30m" ? textSubject(work) : smolSubject();
}

/** Tiny, as shipped with this package; fresh weights of the same architecture where it is not. Trained on the ward: demonstrations of Stage I, pairs of Stage II with their pictures. */
async function tinySubject(work: string): Promise<BenchSubject> {
  const shipped = fileURLToPath(new URL("../../models/tiny", import.meta.url));
  const found = existsSync(join(shipped, "config.json"));
  const folder = found ? shipped : await freshTiny(join(work, "tiny"));
  const opened = await openModelFolder(folder);
  const encoder: Encoder = { config: opened.config, processor: await opened.processor() };
  const pad = encoder.processor.tokenizer.padId;
  return {
    folder,
    config: opened.config,
    weights: found ? "as shipped" : "random",
    works: ["sft-full", "sft-lora", "dpo-lora", "generate-1", "generate-32"],
    async input(what, newTokens) {
      if (what === "dpo-lora") return pairInput(encoder, work);
      if (what === "sft-full" || what === "sft-lora") {
        const rows = wardRows(encoder, 96, seed);
        const batches = [0, 32, 64].map((from) => trainingBatch(rows.slice(from, from + 32), pad));
        return counted(encoder.config, what, batches, newTokens, "32 Stage-I demonstrations of the ward");
      }
      const prompts = wardPrompts(encoder, what === "generate-1" ? 1 : 32, seed);
      const words = `questions of the ward, ${newTokens} new tokens each`;
      return counted(encoder.config, what, [promptBatch(prompts, pad)], newTokens, words);
    },
  };
}

/** Tiny with the vocabulary of a Qwen2.5-VL: what preference optimisation costs where logits are wide. */
async function wideSubject(work: string): Promise<BenchSubject> {
  const folder = await freshTiny(join(work, "tiny-151936"), 151_936);
  const opened = await openModelFolder(folder);
  const encoder: Encoder = { config: opened.config, processor: await opened.processor() };
  return {
    folder,
    config: opened.config,
    weights: "random",
    works: ["dpo-lora"],
    input: () => pairInput(encoder, work),
  };
}

async function pairInput({ config, processor }: Encoder, work: string): Promise<BenchInput> {
  const pairs = await wardPairs(processor, 12, seed, join(work, "images"));
  const batches = [0, 4, 8].map((from) => pairs.slice(from, from + 4));
  const count = (text: string) => processor.tokenizer.encode(text).length;
  const picture = processor.images.expand(processor.images.gridOf(tinySide, tinySide)).length - 1;
  const lengths = (pair: BenchPair) => ({
    prompt: count(pair.prompt) + picture,
    chosen: count(pair.chosen),
    rejected: count(pair.rejected),
  });
  return {
    batches,
    flops: batches.map((batch) => preferenceFlops(config, batch.map(lengths))),
    words: "4 pairs of the ward, a picture each",
  };
}

/** Batches with the operations that they need. */
function counted(
  config: ModelConfig,
  work: BenchWork,
  batches: readonly BenchBatch[],
  newTokens: number,
  words: string,
): BenchInput {
  const flops = batches.map((batch) =>
    work.startsWith("sft")
      ? trainingFlops(config, batch, work === "sft-lora")
      : generationFlops(config, batch, newTokens),
  );
  return { batches, flops, words };
}

async function freshTiny(folder: string, vocabulary?: number): Promise<string> {
  const tokenizer = tinyTokenizer();
  const vocab = vocabulary ?? Math.ceil(tokenizer.size / 64) * 64;
  return writeModel(folder, initialParameters(tinyConfig(vocab, tokenizer.tokens), seed), {
    ...tokenizerFiles(),
    "preprocessor_config.json": json(tinyPreprocessor),
  });
}

/** 30 million parameters and no pictures: the decoder that most small language models have. */
async function textSubject(work: string): Promise<BenchSubject> {
  const config = textConfig();
  const folder = await writeModel(join(work, "30m"), initialParameters(config, seed), tokenizerFiles());
  return {
    folder,
    config,
    weights: "random",
    works: ["sft-full", "sft-lora", "generate-1", "generate-32"],
    input: async (what, newTokens) => randomInput(what, config, newTokens, 4, 2),
  };
}

/** SmolLM2-135M-Instruct, where scripts/smollm2.sh has put it. */
async function smolSubject(): Promise<BenchSubject | NoSubject> {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  const folder = process.env.MEDE2_SMOLLM2 || join(cache, "mede2", "smollm2-135m-instruct");
  if (!existsSync(join(folder, "model.safetensors")))
    return { reason: `SmolLM2-135M is not in ${folder}: make it with \`bash scripts/smollm2.sh\`` };
  const { config } = await openModelFolder(folder);
  return {
    folder,
    config,
    weights: "SmolLM2-135M-Instruct, from 4 bits",
    works: ["sft-full", "sft-lora", "generate-1", "generate-32"],
    input: async (what, newTokens) => randomInput(what, config, newTokens, 2, 1),
  };
}

/** Random tokens: speed does not depend on the text. */
function randomInput(
  work: BenchWork,
  config: ModelConfig,
  newTokens: number,
  rows: number,
  batches: number,
): BenchInput {
  const drawn = (count: number, length: number, part: number) =>
    randomRows(count, length, config.text.vocab - 8, seed + part);
  if (work.startsWith("sft")) {
    const made = Array.from({ length: batches }, (_, part) => trainingBatch(drawn(rows, 256, part), 0));
    return counted(config, work, made, newTokens, `${rows} × 256 random tokens, half of them supervised`);
  }
  const prompts = [promptBatch(drawn(work === "generate-1" ? 1 : 32, 128, 2), 0)];
  const words = `128 random tokens a prompt, ${newTokens} new ones each`;
  return counted(config, work, prompts, newTokens, words);
}

/** Hidden 512, 8 layers, vocabulary 8,192, as Llama. */
export function textConfig(): TextModelConfig {
  return {
    family: "llama",
    text: {
      ...{ hiddenSize: 512, layers: 8, heads: 8, kvHeads: 8, headDim: 64, intermediate: 1408, vocab: 8192 },
      ...{ ropeTheta: 10_000, rmsNormEps: 1e-6, tieWordEmbeddings: true, maxPositions: 1024 },
      initializerRange: 0.02,
      biases: { qkv: false, output: false, mlp: false },
    },
    tokens: { bos: 0, eos: [0], pad: 0 },
    dtype: "float32",
  };
}

function tokenizerFiles(): Record<string, string> {
  const tokenizer = tinyTokenizer();
  return {
    "tokenizer.json": json(tokenizer.tokenizerJson),
    "tokenizer_config.json": json(tokenizer.tokenizerConfig),
    "chat_template.jinja": tinyChatTemplate,
  };
}

function json(value: object): string {
  return `${JSON.stringify(value)}\n`;
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
