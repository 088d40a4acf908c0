import { canonicalJson, type ImageRef, sha256Hex } from "@mede2/schemas";
import type { ChatMessage, ChatRequest, ChatRole, LogProbRequest } from "./chat.ts";

/** A message of a text, with images before it. */
export function chatMessage(role: ChatRole, text: string, images: readonly ImageRef[] = []): ChatMessage {
  return {
    role,
    content: [
      ...images.map((image) => ({ type: "image" as const, image })),
      ...(text === "" ? [] : [{ type: "text" as const, text }]),
    ],
  };
}

/** The text of a message without its images. */
export function textOf(message: ChatMessage): string {
  return message.content.map((part) => (part.type === "text" ? part.text : "")).join("");
}

/** The images of a conversation, in order. */
export function imagesOf(messages: readonly ChatMessage[]): ImageRef[] {
  return messages.flatMap((message) =>
    message.content.flatMap((part) => (part.type === "image" ? [part.image] : [])),
  );
}

/** Which request and which of its samples each reply of `ChatModel.generate` belongs to. */
export function eachSample(requests: readonly ChatRequest[]): { request: ChatRequest; sample: number }[] {
  return requests.flatMap((request) =>
    Array.from({ length: request.samples ?? 1 }, (_, sample) => ({ request, sample })),
  );
}

/**
 * A key of what a request asks: sha256 over messages and sampling, or messages and completion; not over the number of samples. An image counts by its hash alone, so
 * that its role or a key of a later version makes no difference.
 */
export function requestKey(request: ChatRequest | LogProbRequest): string {
  const messages = request.messages.map(({ role, content }) => ({
    role,
    content: content.map((part) =>
      part.type === "text" ? { text: part.text } : { image: part.image.sha256 },
    ),
  }));
  const rest = "sampling" in request ? { sampling: request.sampling } : { completion: request.completion };
  return sha256Hex(canonicalJson({ messages, ...rest }));
}
