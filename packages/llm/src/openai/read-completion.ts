import type { Finish } from "@mede2/schemas";
import { z } from "zod";
import type { ChatReply } from "../chat.ts";
import { replyTextSoFar } from "../split-thinking.ts";

const text = z.string().nullish();
const delta = z.looseObject({
  content: z.union([z.string(), z.array(z.looseObject({ text })), z.null()]).optional(),
  reasoning: text,
  reasoning_content: text,
  refusal: text,
});
const logProbs = z.looseObject({
  content: z.array(z.looseObject({ logprob: z.number().nullish() })).nullish(),
});
const choice = z.looseObject({
  index: z.int().min(0).max(1023).optional(),
  delta: delta.nullish(),
  message: delta.nullish(),
  finish_reason: text,
  logprobs: logProbs.nullish(),
});
const count = z.number().min(0).nullish();
/** A chunk of a stream or a whole completion: every key may be missing, none may be of another type. */
const chunkSchema = z.looseObject({
  model: text,
  choices: z.array(choice).nullish(),
  usage: z.looseObject({ prompt_tokens: count, completion_tokens: count }).nullish(),
  error: z
    .union([z.string(), z.looseObject({ message: text, code: z.union([z.string(), z.number()]).nullish() })])
    .nullish(),
});

interface Choice {
  content: string[];
  reasoning: string[];
  refusal: string[];
  field: "reasoning" | "reasoning_content" | undefined;
  finish: string | undefined;
  logProbs: number[];
  withoutLogProb: boolean;
}

/** What a server sends in place of, or in the midst of, a reply. */
export interface ServerFault {
  code: string;
  message: string;
}

export interface CompletionReader {
  /** Takes the `data` of an event. Returns a fault when it is no JSON of the expected shape, or tells of an error. */
  take(data: string): ServerFault | null;
  /** Whether every choice that began has ended, and at least one has. */
  readonly complete: boolean;
  readonly usage: { prompt: number; completion: number } | null;
  /** The replies by index; undefined where the server sent none. */
  replies(count: number): (ChatReply | undefined)[];
}

/** Puts a completion together from its chunks, or from one whole object. `onText` is told each choice as far as it has come. */
export function completionReader(onText?: (choice: number, text: string) => void): CompletionReader {
  const choices = new Map<number, Choice>();
  let usage: { prompt: number; completion: number } | null = null;
  let model: string | undefined;
  const choiceAt = (index: number): Choice => {
    let known = choices.get(index);
    if (known === undefined) {
      known = {
        ...{ content: [], reasoning: [], refusal: [], field: undefined, finish: undefined },
        ...{ logProbs: [], withoutLogProb: false },
      };
      choices.set(index, known);
    }
    return known;
  };
  return {
    get complete() {
      return choices.size > 0 && [...choices.values()].every(({ finish }) => finish !== undefined);
    },
    get usage() {
      return usage;
    },
    take(data) {
      if (data === "[DONE]") return null;
      let json: unknown;
      try {
        json = JSON.parse(data);
      } catch {
        return { code: "bad-json", message: `the server sent no JSON: ${data.slice(0, 80)}` };
      }
      const { data: chunk, error } = chunkSchema.safeParse(json);
      if (error !== undefined) {
        const { path, message } = error.issues[0]!;
        return {
          code: "bad-reply",
          message: `the server's reply has another shape: ${path.join(".")}: ${message}`,
        };
      }
      if (chunk.error !== undefined && chunk.error !== null) {
        const told = typeof chunk.error === "string" ? { message: chunk.error } : chunk.error;
        return {
          code: `server-${"code" in told ? (told.code ?? "error") : "error"}`,
          message: told.message ?? "an error without a message",
        };
      }
      model ??= chunk.model ?? undefined;
      const { prompt_tokens, completion_tokens } = chunk.usage ?? {};
      if (typeof prompt_tokens === "number")
        usage = { prompt: Math.round(prompt_tokens), completion: Math.round(completion_tokens ?? 0) };
      for (const one of chunk.choices ?? []) {
        const index = one.index ?? 0;
        addTo(choiceAt(index), one);
        onText?.(index, textSoFar(choiceAt(index)));
      }
      return null;
    },
    replies: (wanted) =>
      Array.from({ length: wanted }, (_, index) => {
        const one = choices.get(index);
        return one === undefined ? undefined : replyOf(one, { usage, model, alone: wanted === 1 });
      }),
  };
}

function textSoFar({ content, reasoning, refusal }: Choice): string {
  const text = content.join("") || refusal.join("");
  return reasoning.length === 0 ? text : replyTextSoFar({ reasoning: reasoning.join(""), text });
}

function addTo(to: Choice, { delta, message, finish_reason, logprobs }: z.infer<typeof choice>): void {
  const said = delta ?? message ?? {};
  const { content, refusal } = said;
  if (typeof content === "string") to.content.push(content);
  else for (const part of content ?? []) to.content.push(part.text ?? "");
  if (refusal) to.refusal.push(refusal);
  // some versions of vLLM send both names with the same text
  const field = said.reasoning ? "reasoning" : said.reasoning_content ? "reasoning_content" : undefined;
  if (field !== undefined) {
    to.field ??= field;
    to.reasoning.push(said[field]!);
  }
  if (finish_reason) to.finish = finish_reason;
  for (const { logprob } of logprobs?.content ?? []) {
    if (typeof logprob === "number" && Number.isFinite(logprob)) to.logProbs.push(Math.min(0, logprob));
    else to.withoutLogProb = true;
  }
}

/** How servers name the end of a reply. What is not here is told as an error with the server's own word. */
const finishes: Readonly<Record<string, Finish>> = {
  ...{ stop: "stop", eos: "stop", eos_token: "stop", end_turn: "stop", stop_sequence: "stop" },
  ...{ length: "length", max_tokens: "length", model_length: "length", max_output_tokens: "length" },
  ...{ content_filter: "refused", refusal: "refused", safety: "refused" },
};

function replyOf(
  one: Choice,
  {
    usage,
    model,
    alone,
  }: { usage: { prompt: number; completion: number } | null; model: string | undefined; alone: boolean },
): ChatReply {
  const refused = one.refusal.join("");
  const raw = one.finish;
  const finish: Finish =
    raw === undefined ? "error" : refused !== "" ? "refused" : (finishes[raw.toLowerCase()] ?? "error");
  const logProbs = one.logProbs.length > 0 && !one.withoutLogProb ? one.logProbs : undefined;
  // usage counts all choices together: with several, only log-probabilities tell them apart
  const completion = alone ? usage?.completion : logProbs?.length;
  const counted = usage !== null && completion !== undefined;
  return {
    text: one.content.join("") || refused,
    ...(one.field === undefined ? {} : { reasoning: one.reasoning.join(""), reasoningField: one.field }),
    finish,
    ...(raw === undefined ? {} : { finishRaw: raw }),
    tokens: { prompt: usage?.prompt ?? 0, completion: completion ?? 0 },
    ...(counted ? {} : { uncounted: true as const }),
    ...(model === undefined ? {} : { model }),
    ...(logProbs === undefined
      ? {}
      : { logProb: logProbs.reduce((sum, value) => sum + value, 0), tokenLogProbs: logProbs }),
    ...(finish === "error"
      ? {
          error: {
            code: raw === undefined ? "cut-off" : "unknown-finish",
            message:
              raw === undefined
                ? "the reply has no end"
                : `the server ended the reply with ${JSON.stringify(raw)}`,
          },
        }
      : {}),
  };
}
