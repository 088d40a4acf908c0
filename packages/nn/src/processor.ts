// S tokens · L patches of all images
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Qwen25VlConfig, readQwen25VlConfig } from "./families/qwen2-5-vl/config.ts";
import {
  type ImageProcessorConfig,
  imageProcessor,
  type ProcessedImage,
  readImageProcessor,
} from "./families/qwen2-5-vl/image-processor.ts";
import { type Grid, imageTokenCount, mropePositions } from "./families/qwen2-5-vl/positions.ts";
import { NnFault } from "./fault.ts";
import type { DecodedImage } from "./images/resize.ts";
import {
  type ChatMessage,
  type ChatTemplate,
  chatTemplate,
  loadChatTemplateSource,
} from "./text/chat-template.ts";
import { encodeChat } from "./text/encode-chat.ts";
import { loadTokenizer, type Tokenizer } from "./text/tokenizer.ts";

export type ProcessedChat = {
  /** [S] */
  readonly inputIds: Int32Array;
  /** [S] 1 at the assistants' own tokens, end token included. */
  readonly assistantMask: Uint8Array;
  /** [L, patchLength], images in order; empty without images. */
  readonly pixelValues: Float32Array;
  readonly patchLength: number;
  readonly grids: readonly Grid[];
  /** [3, S] */
  readonly positionIds: Int32Array;
  /** Added to a token's index to get its position when generation goes on. */
  readonly positionDelta: number;
  /** The rendered text, one placeholder an image. */
  readonly text: string;
};

export type ProcessOptions = {
  readonly addGenerationPrompt?: boolean;
  readonly variables?: { readonly [name: string]: unknown };
};

export type Processor = {
  readonly tokenizer: Tokenizer;
  readonly template: ChatTemplate;
  readonly images: ImageProcessorConfig;
  /** Work on one image; the result may be kept and handed in again. */
  processImage(image: DecodedImage): ProcessedImage;
  /** Messages and their images (in the order of the image parts) → what the model takes. */
  process(
    messages: readonly ChatMessage[],
    images?: readonly (DecodedImage | ProcessedImage)[],
    options?: ProcessOptions,
  ): ProcessedChat;
};

/** @throws NnFault `processor-mismatch` when tokenizer, image processor and config do not fit each other */
export function createProcessor(parts: {
  readonly config: Qwen25VlConfig;
  readonly tokenizer: Tokenizer;
  readonly template: ChatTemplate;
  readonly images: ImageProcessorConfig;
}): Processor {
  const { config, tokenizer, template, images: settings } = parts;
  checkParts(config, tokenizer, settings);
  const processImage = imageProcessor(settings);
  const { spatialMerge, patchSize, temporalPatchSize } = config.vision;
  const patchLength = 3 * temporalPatchSize * patchSize ** 2;
  return {
    tokenizer,
    template,
    images: settings,
    processImage,
    process: (messages, images = [], options = {}) => {
      const processed = images.map((image) => ("pixelValues" in image ? image : processImage(image)));
      const grids = processed.map((p) => p.grid);
      const { ids, assistantMask, text } = encodeChat({
        ...options,
        tokenizer,
        template,
        messages,
        imageTokenId: config.tokens.image,
        imageTokens: grids.map((grid) => imageTokenCount(grid, spatialMerge)),
      });
      const { positions_3BS, deltas_B } = mropePositions({
        inputIds_BS: ids,
        batch: 1,
        length: ids.length,
        grids,
        tokens: config.tokens,
        spatialMerge,
      });
      return {
        inputIds: ids,
        assistantMask,
        pixelValues: concatenate(processed.map((p) => p.pixelValues)),
        patchLength,
        grids,
        positionIds: positions_3BS,
        positionDelta: deltas_B[0] ?? 0,
        text,
      };
    },
  };
}

/** Tokenizer, chat template and image processor of a model folder, checked against its config. */
export async function loadProcessor(folder: string): Promise<Processor> {
  const config = readQwen25VlConfig(await readJson(folder, ["config.json"]), join(folder, "config.json"));
  const tokenizer = await loadTokenizer(folder);
  const source = await loadChatTemplateSource(folder);
  const template = chatTemplate(source, tokenizer.named, join(folder, "chat template"));
  const images = await readJson(folder, ["preprocessor_config.json", "processor_config.json"]);
  return createProcessor({ config, tokenizer, template, images: readImageProcessor(images, folder) });
}

function checkParts(config: Qwen25VlConfig, tokenizer: Tokenizer, images: ImageProcessorConfig): void {
  const fail = (what: string): never => {
    throw new NnFault("processor-mismatch", `${what}; the files of this model folder do not belong together`);
  };
  if (tokenizer.size > config.text.vocab) {
    fail(`the tokenizer has ${tokenizer.size} tokens, the model's vocab_size is ${config.text.vocab}`);
  }
  for (const key of ["patchSize", "temporalPatchSize", "spatialMerge"] as const) {
    if (images[key] !== config.vision[key]) {
      fail(`${key} is ${images[key]} in the image processor and ${config.vision[key]} in config.json`);
    }
  }
  const token = "<|image_pad|>";
  const id = tokenizer.idOf(token);
  if (id !== config.tokens.image)
    fail(`${token} has id ${id} in the tokenizer, image_token_id is ${config.tokens.image}`);
}

async function readJson(folder: string, names: readonly string[]): Promise<unknown> {
  for (const name of names) {
    const path = join(folder, name);
    try {
      return JSON.parse(await readFile(path, "utf8"));
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === "ENOENT") continue;
      throw new NnFault("file-unreadable", `${path} cannot be read as JSON: ${(cause as Error).message}`, {
        cause,
      });
    }
  }
  throw new NnFault("file-missing", `${folder} has no ${names.join(" or ")}; a model folder needs it`);
}

function concatenate(parts: readonly Float32Array[]): Float32Array {
  if (parts.length === 1 && parts[0] !== undefined) return parts[0];
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
