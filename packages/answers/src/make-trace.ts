import type { Question, Trace } from "@mede2/schemas";
import { withId } from "@mede2/schemas";
import { extractAnswer } from "./extract-answer.ts";
import { segmentTrace } from "./segment-trace.ts";

/** What is known of a trace beside what its text says. */
export type TraceSettings = Pick<
  Trace,
  "by" | "stage" | "images" | "promptHash" | "sample" | "text" | "finish" | "tokens"
> & {
  readonly question: Question;
  /** sha256 of the images that were really shown; default: those of the question. */
  readonly imageHashes?: readonly string[];
  readonly logProb?: number;
};

/** A trace record of a text: its answer extracted, its reasoning and steps found. */
export function makeTrace(settings: TraceSettings): Trace {
  const { question, imageHashes, logProb, ...rest } = settings;
  const { reasoning, steps } = segmentTrace(settings.text);
  return withId({
    record: "trace" as const,
    v: 1 as const,
    questionId: question.id,
    ...rest,
    imageHashes: [...(imageHashes ?? question.images.map((image) => image.sha256))],
    reasoning,
    steps,
    answer: extractAnswer(settings.text, { options: question.options, finish: settings.finish }),
    ...(logProb === undefined ? {} : { logProb: Math.min(0, logProb) }),
  }) as Trace;
}
