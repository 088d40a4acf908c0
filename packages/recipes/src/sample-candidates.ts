import { existsSync } from "node:fs";
import { makeTrace } from "@mede2/answers";
import { type ChatModel, type PromptStyle, questionPrompt } from "@mede2/llm";
import {
  appendJsonl,
  type Candidates,
  candidatesSchema,
  canonicalJson,
  type Question,
  readJsonl,
  repairJsonlTail,
  type Stage,
  sha256Hex,
  withId,
} from "@mede2/schemas";

export type SampleSettings = {
  readonly model: ChatModel;
  readonly questions: readonly Question[];
  readonly style: PromptStyle;
  /** Answers per question. */
  readonly samples: number;
  readonly temperature: number;
  readonly topP: number;
  readonly maxTokens: number;
  readonly seed: number;
  readonly stage: Stage | null;
  /** Name of the checkpoint, for the traces. */
  readonly checkpoint: string;
  /** `*.candidates.jsonl`: what is there already is not asked again. */
  readonly out: string;
  /** Questions that are asked together, and kept when all are answered; default 64. Fewer lose less when a run is killed. */
  readonly together?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
};

/** Samples K answers to each question and appends them, question by question. Killed at any moment, the next call goes on; its seeds make the result the same. */
export async function sampleCandidates(
  settings: SampleSettings,
): Promise<{ written: number; tokens: number }> {
  const { questions, out, signal, onProgress, together = 64 } = settings;
  const known = await answeredQuestions(out);
  const left = questions.filter(({ id }) => !known.has(id));
  let [written, tokens] = [0, 0];
  onProgress?.(questions.length - left.length, questions.length);
  for (let start = 0; start < left.length; start += together) {
    signal?.throwIfAborted();
    const group = await samplePortion(left.slice(start, start + together), settings);
    await appendJsonl(out, group);
    written += group.length;
    tokens += group.reduce(
      (sum, { traces }) => sum + traces.reduce((all, trace) => all + trace.tokens.completion, 0),
      0,
    );
    onProgress?.(questions.length - left.length + written, questions.length);
  }
  return { written, tokens };
}

async function answeredQuestions(path: string): Promise<ReadonlySet<string>> {
  if (!existsSync(path)) return new Set();
  await repairJsonlTail(path);
  const known = new Set<string>();
  for await (const { question } of readJsonl(path, candidatesSchema)) known.add(question.id);
  return known;
}

async function samplePortion(
  questions: readonly Question[],
  settings: SampleSettings,
): Promise<Candidates[]> {
  const { model, style, samples, temperature, topP, maxTokens, stage, checkpoint } = settings;
  const prompts = questions.map((question) => questionPrompt(question, style));
  const seeds = Array.from({ length: samples }, (_, index) => settings.seed * 1000 + index);
  const requests = prompts.flatMap((messages) =>
    seeds.map((seed) => ({ messages, sampling: { temperature, topP, maxTokens, seed } })),
  );
  const replies = await model.generate(
    requests,
    settings.signal === undefined ? {} : { signal: settings.signal },
  );
  return questions.map((question, q) =>
    withId({
      record: "candidates" as const,
      v: 1 as const,
      question,
      traces: seeds.map((seed, index) => {
        const { text, finish, tokens, logProb } = replies[q * samples + index]!;
        return makeTrace({
          question,
          text,
          finish,
          tokens,
          ...(logProb === undefined ? {} : { logProb }),
          by: { kind: "model", name: model.name, checkpoint },
          stage,
          images: question.images.length === 0 ? "none" : "real",
          promptHash: sha256Hex(canonicalJson(prompts[q])),
          sample: { index, seed, temperature, topP, maxTokens },
        });
      }),
      ratings: [],
    }),
  );
}
