import { NnFault } from "../fault.ts";
import type { ChatMessage, ChatTemplate, RenderOptions } from "./chat-template.ts";
import type { Tokenizer } from "./tokenizer.ts";

export type EncodedChat = {
  readonly ids: Int32Array;
  /** 1 at the tokens an assistant wrote, its end token included; 0 at everything the template or others wrote. */
  readonly assistantMask: Uint8Array;
  /** The rendered text, one placeholder an image. */
  readonly text: string;
};

export type EncodeChatInput = RenderOptions & {
  readonly tokenizer: Tokenizer;
  readonly template: ChatTemplate;
  readonly messages: readonly ChatMessage[];
  /** Tokens that close an assistant's turn; without them the tokenizer's own. */
  readonly ends?: ReadonlySet<number>;
  /** The token that stands for an image in the rendered text; absent for a model that reads text only. */
  readonly imageTokenId?: number;
  /** What takes the place of each image's token, in the order of the messages' image parts. */
  readonly images?: readonly (readonly number[])[];
  /** Mark the whole of an assistant's turn: also what the template writes after its end token, as other trainers do. */
  readonly wholeTurn?: boolean;
};

/**
 * Renders, tokenises and marks what the assistant wrote. The text before an assistant's words is tokenised apart from
 * them, as it is when the model is asked to go on, so training and generation see the same prompt ids; where a reply
 * begins with white space, tokenising the whole text at once could give others.
 *
 * Where a reply begins and ends is found by rendering prefixes of the conversation. A template that rewrites earlier
 * turns (drops their reasoning, for example) cannot be cut this way and is an error rather than a wrong mask.
 *
 * @throws NnFault `template-not-prefix` | `template-no-end` | `special-token-in-text` | `image-count`
 */
export function encodeChat(input: EncodeChatInput): EncodedChat {
  const { tokenizer, template } = input;
  const ends = input.ends ?? new Set([tokenizer.eosId]);
  checkTexts(tokenizer, input.messages);
  const messages = input.imageTokenId === undefined ? input.messages.map(asText) : input.messages;
  const text = template.render(messages, input);
  const ids: number[] = [];
  const mask: number[] = [];
  let done = 0;
  const append = (until: number, supervised: boolean, index: number): void => {
    const piece = tokenizer.encode(text.slice(done, until));
    const end = supervised ? piece.findLastIndex((id) => ends.has(id)) : -1;
    if (supervised && end < 0) {
      throw new NnFault(
        "template-no-end",
        `message ${index}: the template does not close the assistant's turn with ${tokenizer.tokenOf(tokenizer.eosId)}, ` +
          "so the model would never learn to stop; check eos_token in tokenizer_config.json",
      );
    }
    for (const [i, id] of piece.entries()) {
      ids.push(id);
      mask.push(i <= end || (supervised && input.wholeTurn === true) ? 1 : 0);
    }
    done = until;
  };
  for (const [index, message] of messages.entries()) {
    if (message.role !== "assistant") continue;
    const before = messages.slice(0, index);
    const opening = template.render(before, { ...input, addGenerationPrompt: true });
    const last = index === messages.length - 1 && !(input.addGenerationPrompt ?? false);
    const closed = last
      ? text
      : template.render(messages.slice(0, index + 1), { ...input, addGenerationPrompt: false });
    if (!text.startsWith(closed) || !closed.startsWith(opening) || opening.length < done) {
      throw new NnFault(
        "template-not-prefix",
        `message ${index}: the conversation up to this reply, rendered alone, is not the beginning of the whole ` +
          "rendering, so the reply's tokens cannot be told from the template's. The template probably rewrites earlier " +
          "turns; train on one reply a conversation, or use a template that does not",
      );
    }
    append(opening.length, false, index);
    append(closed.length, true, index);
  }
  append(text.length, false, messages.length);
  const expanded = expandImages(ids, mask, input);
  return { ...expanded, text };
}

/** Templates of text models read strings, not parts. */
function asText(message: ChatMessage): ChatMessage {
  const { content } = message;
  if (typeof content === "string" || content.some(({ type }) => type !== "text")) return message;
  return { ...message, content: content.map((part) => ("text" in part ? part.text : "")).join("") };
}

/** One placeholder id for each image → the tokens that the image takes. */
function expandImages(
  ids: readonly number[],
  mask: readonly number[],
  { messages, imageTokenId, images = [] }: EncodeChatInput,
): { ids: Int32Array; assistantMask: Uint8Array } {
  const placeholders = imageTokenId === undefined ? 0 : ids.filter((id) => id === imageTokenId).length;
  const parts = messages.reduce(
    (sum, { content }) =>
      sum + (typeof content === "string" ? 0 : content.filter((p) => p.type === "image").length),
    0,
  );
  if (parts !== images.length || placeholders !== images.length) {
    throw new NnFault(
      "image-count",
      `${images.length} images were given, the messages have ${parts} image parts and the rendered text has ` +
        `${placeholders} image placeholders; the three must be equal`,
    );
  }
  const total = images.reduce((sum, tokens) => sum + tokens.length - 1, ids.length);
  const out = new Int32Array(total);
  const assistantMask = new Uint8Array(total);
  let at = 0;
  let image = 0;
  for (const [i, id] of ids.entries()) {
    const tokens = id === imageTokenId ? images[image++]! : [id];
    out.set(tokens, at);
    assistantMask.fill(mask[i] ?? 0, at, at + tokens.length);
    at += tokens.length;
  }
  return { ids: out, assistantMask };
}

function checkTexts(tokenizer: Tokenizer, messages: readonly ChatMessage[]): void {
  for (const [index, { content }] of messages.entries()) {
    const texts =
      typeof content === "string" ? [content] : content.flatMap((p) => (p.type === "text" ? [p.text] : []));
    const found = texts.flatMap((t) => tokenizer.specialTokensIn(t));
    if (found.length > 0) {
      throw new NnFault(
        "special-token-in-text",
        `message ${index} contains ${found.join(", ")} as text, which would be read as structure; remove it from the data`,
      );
    }
  }
}
