import {
  type ChatMessage,
  type ChatModel,
  chatMessage,
  type PromptStyle,
  questionPrompt,
  replyText,
} from "@mede2/llm";
import type { ImageRef, Question, Trace } from "@mede2/schemas";
import { negativeTrace } from "./construct-negative.ts";

/** The kinds that a model can make: it answers without the picture, or with another in its place. */
export const modelKinds = ["no-image-completion", "corrupted-image", "swapped-image"] as const;
export type ModelKind = (typeof modelKinds)[number];

export interface ModelNegativeSettings {
  model: ChatModel;
  style: PromptStyle;
  kinds: readonly ModelKind[];
  /** Pictures with noise (a lesion- or patch-noise, MMedPO) and those of another case; undefined where there is none. */
  pictures: (
    question: Question,
  ) => Promise<{ noise?: readonly ImageRef[] | undefined; swapped?: readonly ImageRef[] | undefined }>;
  /**
   * How a model goes on with half a trace (DropoutNTP of InternVL-MPO, 2411.10442): "instruction" asks for it in words, any model can; "prefill" sends it
   * as the assistant's own beginning, for servers that continue it (vLLM and SGLang with `continue_final_message`).
   */
  continuation?: "instruction" | "prefill";
  temperature?: number;
  maxTokens?: number;
  seed?: number;
  checkpoint?: string;
  signal?: AbortSignal;
}

interface Wanted {
  trace: Trace;
  kind: ModelKind;
  messages: ChatMessage[];
  /** What the model goes on from. */
  begin: string;
  images: readonly ImageRef[];
  condition: "none" | "noise" | "swapped";
}

/** Negatives of good traces of one question, by a model. Replies that failed, or that say the same, are left out. */
export async function modelNegatives(
  question: Question,
  traces: readonly Trace[],
  settings: ModelNegativeSettings,
): Promise<Trace[]> {
  const {
    model,
    style,
    kinds,
    continuation = "instruction",
    temperature = 0.8,
    maxTokens = 1024,
    seed = 0,
    checkpoint,
    signal,
  } = settings;
  if (question.images.length === 0) return [];
  const { noise, swapped } = await settings.pictures(question);
  const blind = { ...question, images: [], stem: question.stem.replaceAll("<image>", "") };
  const wanted = traces.flatMap((trace) =>
    kinds.flatMap((kind): Wanted[] => {
      if (kind === "no-image-completion") {
        const half = firstHalf(trace);
        if (half === null) return [];
        const prompt = questionPrompt(blind, style);
        const messages =
          continuation === "prefill"
            ? [...prompt, chatMessage("assistant", half)]
            : [
                ...prompt,
                chatMessage(
                  "user",
                  `Here is the beginning of an answer. Write only what comes after it, without repeating it, to the end:\n${half}`,
                ),
              ];
        return [
          {
            trace,
            kind,
            messages,
            begin: half,
            images: [],
            condition: "none",
          },
        ];
      }
      const pictures = kind === "corrupted-image" ? noise : swapped;
      if (pictures?.length !== question.images.length) return [];
      const messages = questionPrompt({ ...question, images: [...pictures] }, style);
      return [
        {
          trace,
          kind,
          messages,
          begin: "",
          images: pictures,
          condition: kind === "corrupted-image" ? "noise" : "swapped",
        },
      ];
    }),
  );
  const replies = await model.generate(
    wanted.map(({ messages }, at) => ({
      messages,
      sampling: { temperature, topP: 1, maxTokens, seed: seed + at },
    })),
    signal === undefined ? {} : { signal },
  );
  const texts = new Set(traces.map(({ text }) => text));
  return wanted.flatMap(({ trace, kind, begin, images, condition }, at) => {
    const reply = replies[at]!;
    const text =
      begin === "" ? replyText(reply) : `${begin}${reply.text.startsWith("\n") ? "" : "\n"}${reply.text}`;
    if (reply.finish === "error" || reply.text.trim() === "" || texts.has(text)) return [];
    texts.add(text);
    const by = {
      kind: "model" as const,
      name: model.name,
      ...(checkpoint === undefined ? {} : { checkpoint }),
    };
    const sample = { index: at, seed: seed + at, temperature, topP: 1, maxTokens };
    return [
      negativeTrace(
        { question, trace },
        text,
        { kind, from: trace.id, method: "model" },
        {
          ...{ by, sample, finish: reply.finish },
          images: condition,
          imageHashes: images.map(({ sha256 }) => sha256),
        },
      ),
    ];
  });
}

/** A trace up to the middle of its reasoning, at the end of a sentence or line; null when the middle is nowhere. */
function firstHalf({ text, reasoning }: Trace): string | null {
  if (reasoning === null) return null;
  const middle = Math.floor((reasoning.start + reasoning.end) / 2);
  const ends = [text.lastIndexOf("\n", middle), text.lastIndexOf(". ", middle) + 1].filter(
    (at) => at > reasoning.start,
  );
  return ends.length === 0 ? null : text.slice(0, Math.max(...ends));
}
