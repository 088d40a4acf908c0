import type { ImageRef } from "@mede2/schemas";
import type { ChatMessage, ChatRequest } from "../chat.ts";
import { LlmError } from "../llm-error.ts";
import type { EndpointSettings } from "./endpoint.ts";

type BodySettings = Pick<EndpointSettings, "model" | "logProbs" | "maxTokensKey" | "body" | "readImage">;

/** The body of `POST /chat/completions` for one request: images become data URLs. `sample` moves the seed, so that samples differ. */
export async function requestBody(
  { messages, sampling }: ChatRequest,
  { sample, count }: { sample: number; count: number },
  settings: BodySettings,
): Promise<Record<string, unknown>> {
  const { temperature, topP, maxTokens, seed, stop } = sampling;
  return {
    ...settings.body,
    model: settings.model,
    messages: await wireMessages(messages, settings.readImage),
    temperature,
    top_p: topP,
    [settings.maxTokensKey ?? "max_tokens"]: maxTokens,
    ...(seed === undefined ? {} : { seed: seed + sample }),
    ...(stop === undefined || stop.length === 0 ? {} : { stop }),
    ...(count > 1 ? { n: count } : {}),
    ...(settings.logProbs === true ? { logprobs: true } : {}),
    stream: true,
    stream_options: { include_usage: true },
  };
}

/** Messages as servers take them: a plain string where there is only text. */
export async function wireMessages(
  messages: readonly ChatMessage[],
  readImage: EndpointSettings["readImage"],
): Promise<object[]> {
  return Promise.all(
    messages.map(async ({ role, content }) => {
      if (content.every(({ type }) => type === "text"))
        return { role, content: content.map((part) => (part.type === "text" ? part.text : "")).join("") };
      const parts = content.map(async (part) =>
        part.type === "text"
          ? { type: "text", text: part.text }
          : { type: "image_url", image_url: { url: await dataUrl(part.image, readImage) } },
      );
      return { role, content: await Promise.all(parts) };
    }),
  );
}

async function dataUrl(image: ImageRef, readImage: EndpointSettings["readImage"]): Promise<string> {
  if (readImage === undefined)
    throw new LlmError(
      "no-image-reader",
      `the request holds the image ${image.sha256.slice(0, 12)}, but the model was opened without readImage: hand in the store's read`,
    );
  return `data:${image.mime};base64,${Buffer.from(await readImage(image)).toString("base64")}`;
}

/** A guess of the tokens of a prompt, for budgets: three UTF-8 bytes a token, 28 × 28 pixels a token of an image (Qwen2.5-VL). */
export function estimatedPromptTokens(messages: readonly ChatMessage[]): number {
  let tokens = 0;
  for (const { content } of messages)
    for (const part of content)
      tokens +=
        part.type === "text"
          ? Math.ceil(Buffer.byteLength(part.text) / 3)
          : Math.ceil((part.image.width * part.image.height) / 784) + 2;
  return tokens + 8 * messages.length;
}
