// S tokens · L patches of all images
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { familyOf, readModelConfig, rowPositions } from "./families/families.ts";
import type { ImageSide, ProcessedImage } from "./families/image-side.ts";
import type { ModelConfig } from "./families/model-config.ts";
import type { Grid } from "./families/positions.ts";
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
  readonly images: ImageSide;
  /** Tokens that close an assistant's turn. */
  readonly ends: ReadonlySet<number>;
  /** Work on one image; the result may be kept and handed in again. */
  processImage(image: DecodedImage): ProcessedImage;
  /** Messages and their images (in the order of the image parts) → what the model takes. */
  process(
    messages: readonly ChatMessage[],
    images?: readonly (DecodedImage | ProcessedImage)[],
    options?: ProcessOptions,
  ): ProcessedChat;
};

/**
 * `images` is the parsed preprocessor_config.json (or processor_config.json), which a model that reads text only does not have.
 *
 * @throws NnFault `processor-mismatch` when tokenizer, image processor and config do not fit each other
 */
export function createProcessor(parts: {
  readonly config: ModelConfig;
  readonly tokenizer: Tokenizer;
  readonly template: ChatTemplate;
  readonly images?: unknown;
  readonly file?: string;
}): Processor {
  const { config, tokenizer, template, file = "preprocessor_config.json" } = parts;
  if (tokenizer.size > config.text.vocab)
    throw new NnFault(
      "processor-mismatch",
      `the tokenizer has ${tokenizer.size} tokens, the model's vocab_size is ${config.text.vocab}; the files of this model folder do not belong together`,
    );
  const images = familyOf(config).vision?.imageSide(parts.images, file, config, tokenizer) ?? blind;
  const ends = new Set([tokenizer.eosId, ...(images.turnEnd === undefined ? [] : [images.turnEnd])]);
  return {
    tokenizer,
    template,
    images,
    ends,
    processImage: images.process,
    process: (messages, given = [], options = {}) => {
      const processed = given.map((image) => ("pixelValues" in image ? image : images.process(image)));
      const grids = processed.map((p) => p.grid);
      const { ids, assistantMask, text } = encodeChat({
        ...options,
        tokenizer,
        template,
        messages,
        ends,
        ...(images.placeholder === undefined ? {} : { imageTokenId: images.placeholder }),
        images: grids.map((grid) => images.expand(grid)),
      });
      const { positions_3S, delta } = rowPositions(ids, grids, config);
      return {
        inputIds: ids,
        assistantMask,
        pixelValues: concatenate(processed.map((p) => p.pixelValues)),
        patchLength: images.patchLength,
        grids,
        positionIds: positions_3S,
        positionDelta: delta,
        text,
      };
    },
  };
}

function noImages(): never {
  throw new NnFault(
    "images-unsupported",
    "this model reads text only; take the images out, or use a vision-language model",
  );
}

/** The image side of a model that reads text only. */
const blind: ImageSide = {
  ...{ minPixels: 1, maxPixels: 1, patchLength: 0 },
  ...{ gridOf: noImages, process: noImages, expand: noImages, alone: noImages },
};

/** Tokenizer, chat template and image processor of a model folder, checked against its config. */
export async function loadProcessor(folder: string): Promise<Processor> {
  const config = readModelConfig(await readJson(folder, ["config.json"]), join(folder, "config.json"));
  const tokenizer = await loadTokenizer(folder);
  const source = await loadChatTemplateSource(folder);
  const template = chatTemplate(source, tokenizer.named, join(folder, "chat template"));
  const sees = familyOf(config).vision !== undefined;
  const images = sees
    ? await readJson(folder, ["preprocessor_config.json", "processor_config.json"])
    : undefined;
  return createProcessor({ config, tokenizer, template, images, file: folder });
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
