import { type ChatMessage, imagesOf } from "@mede2/llm";
import { encodeChat, type ModelConfig, type Processor, type TemplateMessage } from "@mede2/nn";
import type { ImageRef, Passage } from "@mede2/schemas";
import { TrainerError } from "../trainer-error.ts";
import type { Example, ExampleImage } from "./example.ts";

/** What turns text into examples of one model. */
export type Encoder = {
  readonly config: ModelConfig;
  readonly processor: Processor;
  /** Learn what the template writes after the end token, too: ms-swift and TRL do. */
  readonly wholeTurn?: boolean;
};

/** A conversation; what the assistant says is learnt. */
export function encodeMessages(
  encoder: Encoder,
  id: string,
  messages: readonly ChatMessage[],
  forGeneration = false,
): Example {
  const { processor } = encoder;
  const images = imagesOf(messages).map((ref) => place(encoder, ref));
  const { ids, assistantMask } = encodeChat({
    tokenizer: processor.tokenizer,
    template: processor.template,
    messages: messages.map(templateMessage),
    addGenerationPrompt: forGeneration,
    ends: processor.ends,
    ...(processor.images.placeholder === undefined ? {} : { imageTokenId: processor.images.placeholder }),
    images: images.map(({ grid }) => processor.images.expand(grid)),
    ...(encoder.wholeTurn === undefined ? {} : { wholeTurn: encoder.wholeTurn }),
  });
  return { id, tokens: ids, supervised: assistantMask, images };
}

/** A text to pretrain on: its images first, then its text, all of which is learnt, and the end token. */
export function encodePassage(encoder: Encoder, passage: Passage): Example {
  const { tokenizer, images: side } = encoder.processor;
  const images = passage.images.map((ref) => place(encoder, ref));
  const before = images.flatMap(({ grid }) => side.alone(grid));
  if (tokenizer.specialTokensIn(passage.text).length > 0)
    throw new TrainerError(
      "special-token-in-text",
      `passage ${passage.id} contains a special token as text`,
      "remove it from the data",
    );
  const text = tokenizer.encode(passage.text);
  const ids = Int32Array.from([...before, ...text, tokenizer.eosId]);
  const supervised = Uint8Array.from(ids, (_, i) => (i >= Math.max(1, before.length) ? 1 : 0));
  return { id: passage.id, tokens: ids, supervised, images };
}

function templateMessage({ role, content }: ChatMessage): TemplateMessage {
  return { role, content: content.map((part) => (part.type === "text" ? part : { type: "image" as const })) };
}

function place({ processor }: Encoder, ref: ImageRef): ExampleImage {
  return { ref, grid: processor.images.gridOf(ref.height, ref.width) };
}
