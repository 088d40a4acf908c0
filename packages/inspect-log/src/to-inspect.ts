import type { EvaluationRecord, Question, Trace } from "@mede2/schemas";
import { attach } from "./attachments.ts";
import type { InspectMessage, InspectSample, InspectScore } from "./log-schema.ts";

/** One graded answer of an evaluation, with all that belongs to it. */
export interface EvaluatedAnswer {
  record: EvaluationRecord;
  trace: Trace;
  /** Without it the log shows the id in place of the question. */
  question?: Question;
}

/** A picture's bytes, to be put into the log. */
export interface Picture {
  mime: string;
  bytes: Uint8Array;
}

/**
 * An answer as a sample of Inspect: the question as its input, the reasoning and the reply as messages, the grade as a score under the name of what graded. Our own records
 * stand in the metadata, whole, so that `fromInspect` gives them back. Samples of a question are epochs. Pictures are put into the attachments.
 */
export function toInspect(
  { record, trace, question }: EvaluatedAnswer,
  pictures: readonly Picture[] = [],
): InspectSample {
  const attachments: Record<string, string> = {};
  const stem = question?.stem.replace(/<image>\n?/g, "").trim() || `question ${record.questionId}`;
  const images = pictures.map(({ mime, bytes }) => ({
    type: "image",
    image: attach(`data:${mime};base64,${Buffer.from(bytes).toString("base64")}`, attachments),
    detail: "auto",
  }));
  const input: InspectMessage[] = [{ role: "user", content: [{ type: "text", text: stem }, ...images] }];
  const said = assistant(trace);
  const { prompt, completion } = trace.tokens;
  const usage = { input_tokens: prompt, output_tokens: completion, total_tokens: prompt + completion };
  const failed = "excluded" in record.outcome && record.outcome.excluded === "error";
  const reason = (trace as { error?: { message?: string } }).error?.message ?? "the request failed";
  const { language: _, ...tags } = record.tags;
  return {
    id: sampleId(record.questionId),
    epoch: record.sample + 1,
    input,
    ...(question && question.options.length > 0 ? { choices: question.options } : {}),
    target: targetOf(question),
    messages: [...input, said],
    output: {
      model: record.model.name,
      choices: [{ message: said, stop_reason: stopReasons[trace.finish] }],
      completion: trace.text,
      usage,
      ...(failed ? { error: reason } : {}),
    },
    ...(failed ? {} : { scores: { [scorerOf(record)]: scoreOf(record) } }),
    metadata: { ...tags, images: record.images, mede2: { record, trace, ...(question && { question }) } },
    store: {},
    events: [],
    model_usage: { [record.model.name]: usage },
    role_usage: {},
    ...(failed ? { error: { message: reason, ...noTraceback } } : {}),
    attachments,
  } as unknown as InspectSample;
}

/** What graded: our strict cascade, or the harness whose reading was asked for. */
export const scorerOf = (record: EvaluationRecord): string =>
  (record as { reading?: string }).reading ?? "strict";

function scoreOf({ answer, outcome }: EvaluationRecord): InspectScore {
  const value =
    "correct" in outcome ? (outcome.correct ? "C" : "I") : "score" in outcome ? outcome.score : Number.NaN;
  const said = answer.labels?.join(", ") ?? answer.text;
  return {
    value,
    ...(said === undefined ? {} : { answer: said }),
    explanation:
      answer.status === "found"
        ? `${answer.text ?? ""} (rule ${answer.rule}${answer.span === null ? "" : `, from ${JSON.stringify(answer.span.quote)}`})`.trim()
        : `no answer: ${answer.status}`,
    metadata: { status: answer.status, rule: answer.rule },
  };
}

function assistant({ text, reasoning, by }: Trace): InspectMessage {
  if (reasoning === null) return { role: "assistant", content: text, model: by.name } as InspectMessage;
  const rest = text
    .slice(reasoning.end)
    .replace(/^\s*<\/[^>]{1,20}>/, "")
    .trim();
  return {
    role: "assistant",
    model: by.name,
    content: [
      { type: "reasoning", reasoning: reasoning.quote, redacted: false },
      { type: "text", text: rest },
    ],
  } as InspectMessage;
}

function targetOf(question: Question | undefined): string | string[] {
  if (question === undefined) return "";
  const { gold } = question;
  if ("labels" in gold) return gold.labels.length === 1 ? gold.labels[0]! : gold.labels;
  return "text" in gold ? [gold.text, ...gold.aliases] : `${gold.value} ${gold.unit}`.trim();
}

const noTraceback = { traceback: "", traceback_ansi: "" };

const stopReasons: Readonly<Record<Trace["finish"], string>> = {
  stop: "stop",
  length: "max_tokens",
  refused: "content_filter",
  error: "unknown",
};

/** A question's id as a part of an entry's name: nothing in it leads out of the log's folder, should somebody unpack it. */
function sampleId(questionId: string): string {
  return questionId.replace(/\p{Cc}|\\|\.\.+|\//gu, (unit) =>
    [...unit].map((one) => `%${one.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`).join(""),
  );
}
