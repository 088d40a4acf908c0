import { createHash } from "node:crypto";
import { crc32, deflateSync } from "node:zlib";
import type { ImageRef } from "@mede2/schemas";
import type { ChatModel, ChatReply } from "./chat.ts";
import { chatMessage } from "./messages.ts";
import type { EndpointSettings } from "./openai/endpoint.ts";
import { openAiModel } from "./openai/openai-model.ts";
import { splitThinking } from "./split-thinking.ts";

/** What an endpoint does, found out by asking it. */
export interface EndpointReport {
  /** The id that the server gives itself. */
  model: string | null;
  /** "yes": names the colour of all three pictures; "no": answers, but not that; "refused": the server takes no pictures. */
  image: { sees: "yes" | "no" | "refused"; answers: string[]; promptTokens: number[] };
  /** Where its reasoning comes from. */
  reasoning: "reasoning" | "reasoning_content" | "tags" | "none" | "failed";
  /** Whether the same request at temperature 0 with a seed gave the same text each time. */
  determinism: { same: boolean; replies: number };
  /**
   * A long prompt with a word at its beginning: "whole" when the word comes back, "refused" when the server says that it is too long (good), "truncated" when
   * the server counts fewer tokens than went in, "lost" when it counts all of them and yet the word does not come back.
   */
  longPrompt: {
    verdict: "whole" | "refused" | "truncated" | "lost" | "unknown";
    words: number;
    promptTokens: number | null;
    expectedTokens: number | null;
  };
  /** Whether a reply that reached its limit says so. */
  saysLength: boolean;
  countsTokens: boolean;
  logProbs: boolean;
}

const colours: readonly [string, readonly [number, number, number]][] = [
  ["red", [220, 20, 20]],
  ["blue", [20, 40, 220]],
  ["green", [20, 160, 30]],
];

/** Asks an endpoint a dozen small things, some thousand tokens in all. `words` is the length of the long prompt. Rejects as `openAiModel` does. */
export async function probeEndpoint(
  settings: EndpointSettings,
  { words = 6000, maxTokens = 1024 } = {},
): Promise<EndpointReport> {
  const pictures = colours.map(([, colour]) => flatPng(colour));
  const model = openAiModel({
    ...settings,
    readImage: async ({ sha256 }) => pictures.find(({ ref }) => ref.sha256 === sha256)!.bytes,
  });
  const ask = (text: string, more: { images?: readonly ImageRef[]; maxTokens?: number } = {}) =>
    one(model, text, { maxTokens, ...more });
  const seen: ChatReply[] = [];
  for (const { ref } of pictures)
    seen.push(
      await ask("Which colour fills this picture: red, blue or green? Answer with one word.", {
        images: [ref],
      }),
    );
  const plain = await ask("Is 91 a prime number? Think, then answer yes or no.");
  const repeated = [
    await ask("Name five bones of the hand."),
    await ask("Name five bones of the hand."),
    await ask("Name five bones of the hand."),
  ];
  const short = await ask("Count from one to two hundred in words.", { maxTokens: 8 });
  const half = await ask(longPrompt(Math.floor(words / 8)));
  const long = await ask(longPrompt(words));
  const [withLogProbs] = await openAiModel({ ...settings, logProbs: true }).generate([
    {
      messages: [chatMessage("user", "Say yes.")],
      sampling: { temperature: 0, topP: 1, maxTokens: 16, seed: 1 },
    },
  ]);
  const thought = splitThinking(plain);
  return {
    model: plain.model ?? null,
    image: {
      sees: seen.every(({ finish }) => finish === "error")
        ? "refused"
        : seen.every((reply, at) => namesOnly(splitThinking(reply).text, colours[at]![0]))
          ? "yes"
          : "no",
      answers: seen.map((reply) => reply.error?.message ?? splitThinking(reply).text.trim().slice(0, 80)),
      promptTokens: seen.map(({ tokens }) => tokens.prompt),
    },
    reasoning:
      plain.finish === "error"
        ? "failed"
        : thought.from === "field"
          ? (plain.reasoningField ?? "reasoning")
          : thought.from === "tags"
            ? "tags"
            : "none",
    determinism: {
      same:
        new Set(repeated.map(({ text, reasoning }) => `${reasoning ?? ""}\n${text}`)).size === 1 &&
        repeated.every(({ finish }) => finish !== "error"),
      replies: repeated.length,
    },
    longPrompt: judgeLong(half, long, words),
    saysLength: short.finish === "length",
    countsTokens: plain.uncounted === undefined,
    logProbs: withLogProbs?.logProb !== undefined,
  };
}

async function one(
  model: ChatModel,
  text: string,
  { images, maxTokens }: { images?: readonly ImageRef[]; maxTokens: number },
): Promise<ChatReply> {
  const [reply] = await model.generate([
    {
      messages: [chatMessage("user", text, images)],
      sampling: { temperature: 0, topP: 1, maxTokens, seed: 7 },
    },
  ]);
  return reply!;
}

const needle = "kestrel";

const longPrompt = (words: number) =>
  `The secret word is ${needle}. ${Array.from({ length: words }, (_, at) => filler[(at * 7 + (at >> 3)) % filler.length]).join(" ")}\nWhat is the secret word that was told at the very beginning? Answer with one word.`;

const filler = "bone nerve heart film lung river table green paper window".split(" ");

function judgeLong(half: ChatReply, long: ChatReply, words: number): EndpointReport["longPrompt"] {
  const counted = half.uncounted === undefined && long.uncounted === undefined && long.finish !== "error";
  // the prompt around the filler has some 40 tokens
  const expected = counted ? Math.round((half.tokens.prompt - 40) * 8 + 40) : null;
  const promptTokens = counted ? long.tokens.prompt : null;
  const told = new RegExp(`\\b${needle}\\b`, "i").test(`${long.reasoning ?? ""} ${long.text}`);
  const verdict =
    long.finish === "error"
      ? long.error?.code.startsWith("http-4")
        ? "refused"
        : "unknown"
      : told
        ? "whole"
        : expected !== null && promptTokens! < expected * 0.8
          ? "truncated"
          : "lost";
  return { verdict, words, promptTokens, expectedTokens: expected };
}

function namesOnly(text: string, colour: string): boolean {
  const said = colours.filter(([name]) => new RegExp(`\\b${name}\\b`, "i").test(text)).map(([name]) => name);
  return said.length === 1 && said[0] === colour;
}

/** A picture of one colour as a PNG (RFC 2083), 56 × 56. */
function flatPng(colour: readonly [number, number, number]): { ref: ImageRef; bytes: Uint8Array } {
  const size = 56;
  const row = Buffer.concat([Buffer.from([0]), ...Array.from({ length: size }, () => Buffer.from(colour))]);
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    check.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, check]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const bytes = Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(Buffer.concat(Array.from({ length: size }, () => row)))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { ref: { sha256, mime: "image/png", width: size, height: size }, bytes };
}
