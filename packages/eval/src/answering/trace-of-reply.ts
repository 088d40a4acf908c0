import { type AnswerKind, extractAnswer, segmentTrace } from "@mede2/answers";
import { type Question, type Stage, type Trace, type TraceSource, withId } from "@mede2/schemas";
import type { TurnedReply } from "./ask-turns.ts";
import type { EvaluationUnit } from "./evaluation-unit.ts";

/** The record of one reply. Reasoning that the model handed out apart from its text is put before it, in tags. */
export function traceOfReply(
  unit: EvaluationUnit,
  reply: TurnedReply,
  index: number,
  { by, stage }: { by: TraceSource; stage: Stage },
): Trace {
  const { question, condition, requests, imageHashes, promptHash } = unit;
  const { temperature, topP, maxTokens, seed = 0 } = requests[index]!.sampling;
  const text =
    reply.reasoning === undefined
      ? reply.text
      : `<think>\n${reply.reasoning.trim()}\n</think>\n\n${reply.text}`;
  return withId({
    record: "trace" as const,
    v: 1 as const,
    questionId: question.id,
    by,
    stage,
    images: condition,
    imageHashes,
    promptHash,
    sample: { index, seed, temperature, topP, maxTokens },
    text,
    ...segmentTrace(text),
    answer: extractAnswer(text, extraction(question, reply.finish)),
    finish: reply.finish,
    tokens: reply.tokens,
    ...(reply.logProb !== undefined && { logProb: Math.min(0, reply.logProb) }),
    ...(reply.error !== undefined && { error: reply.error }),
    // what other harnesses read is the last reply as it came, without reasoning that was handed out apart
    ...((reply.turns !== undefined || reply.reasoning !== undefined) && {
      turns: reply.turns ?? [{ text: reply.text, finish: reply.finish }],
    }),
  });
}

/** How a question's answers are to be read. */
export function extraction({ options, gold }: Question, finish: Trace["finish"]) {
  const kind: AnswerKind | undefined =
    "value" in gold ? "number" : "text" in gold && options.length === 0 ? "text" : undefined;
  return {
    options,
    finish,
    ...(kind !== undefined && { kind }),
    ...("labels" in gold && gold.labels.length > 1 && { multiple: true }),
  };
}
