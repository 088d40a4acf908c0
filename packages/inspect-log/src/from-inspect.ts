import { createHash } from "node:crypto";
import {
  type Answer,
  type EvaluationRecord,
  evaluationRecordSchema,
  optionLabels,
  type Question,
  questionSchema,
  type Trace,
  traceSchema,
  withId,
} from "@mede2/schemas";
import { InspectError } from "./inspect-error.ts";
import type { InspectHeader, InspectMessage, InspectSample, InspectScore } from "./log-schema.ts";
import { scoreValue } from "./score-value.ts";
import type { EvaluatedAnswer, Picture } from "./to-inspect.ts";

export interface FromInspectSettings {
  /** The scorer whose verdict counts; default: the first of the sample. */
  scorer?: string;
}

/** An answer out of a log, and the pictures that its input shows (data URIs only; nothing is fetched). */
export type ImportedAnswer = EvaluatedAnswer & { question: Question; pictures: Picture[] };

/**
 * A sample as our records. Of a log that we wrote they are what went in; of another's the scorer's verdict is taken as it is, under the rule `inspect:<scorer>`, and nothing is graded anew.
 */
export function fromInspect(
  header: InspectHeader,
  sample: InspectSample,
  { scorer }: FromInspectSettings = {},
): ImportedAnswer {
  const own = sample.metadata?.mede2;
  const pictures = picturesOf(sample);
  if (typeof own === "object" && own !== null) return { ...ours(own, sample), pictures };
  const question = questionOf(header, sample);
  const name = scorer ?? Object.keys(sample.scores ?? {})[0];
  const score = name === undefined ? undefined : sample.scores?.[name];
  const failed = Boolean(sample.error);
  const answer: Answer = failed
    ? { status: "error", rule: "inspect", span: null }
    : answerOf(score, question, `inspect:${name ?? "none"}`, sample);
  const trace = traceOf(header, sample, question, answer, pictures);
  return {
    question,
    trace,
    pictures,
    record: {
      record: "evaluation-record",
      v: 1,
      questionId: question.id,
      task: header.eval.task,
      protocol: "inspect",
      model: { name: header.eval.model },
      stage: null,
      images: "real",
      sample: sample.epoch - 1,
      traceId: trace.id,
      answer,
      outcome: failed ? { excluded: "error" } : outcomeOf(score),
      byRule: {},
      group: {},
      tags: question.tags,
    },
  };
}

function ours(own: object, sample: InspectSample): EvaluatedAnswer & { question: Question } {
  const { record, trace, question } = own as Record<string, unknown>;
  const read = [
    evaluationRecordSchema.safeParse(record),
    traceSchema.safeParse(trace),
    questionSchema.safeParse(question ?? {}),
  ] as const;
  if (!read[0].success || !read[1].success)
    throw new InspectError(
      "not-ours",
      `the sample ${sample.id} has metadata "mede2" that is no evaluation record of MedE²: ${(read[0].error ?? read[1].error)?.issues[0]?.message}`,
    );
  const known = read[0].data as EvaluationRecord;
  return {
    record: known,
    trace: read[1].data as Trace,
    question: read[2].success ? (read[2].data as Question) : bareQuestion(known),
  };
}

/** Where the log was written without its questions. */
function bareQuestion({ questionId, group, tags }: EvaluationRecord): Question {
  const source = questionId.split(":")[0]!;
  const stem = `question ${questionId}`;
  return {
    ...{ record: "question", v: 1, id: questionId, source, revision: "unknown", split: "unknown", stem },
    ...{ options: [], gold: { text: "unknown", aliases: [] }, images: [], group, tags, licence: "unknown" },
  } as Question;
}

function questionOf(header: InspectHeader, sample: InspectSample): Question {
  const source = (header.eval.dataset?.name ?? header.eval.task).replace(/[:\s]+/g, "-") || "inspect";
  const local = String(sample.id).trim() || "-";
  const options = (sample.choices ?? []).length <= 26 ? (sample.choices ?? []) : [];
  const targets = typeof sample.target === "string" ? [sample.target] : sample.target;
  const labels = optionLabels(options.length);
  const lettered = targets.length > 0 && targets.every((target) => labels.includes(target));
  return {
    record: "question",
    v: 1,
    id: `${source}:${local}`,
    source,
    revision: header.eval.created,
    split: "unknown",
    stem: inputText(sample).trim() || "(no text)",
    options: [...options],
    gold: lettered
      ? { labels: targets }
      : {
          text: targets[0] === undefined || targets[0] === "" ? "(none)" : targets[0],
          aliases: targets.slice(1),
        },
    images: [],
    group: {},
    tags: { ...stringTags(sample), language: "und" },
    licence: "unknown",
  };
}

function stringTags({ metadata = {} }: InspectSample): Record<string, string> {
  return Object.fromEntries(
    ["modality", "specialty", "task", "type"].flatMap((key) => {
      const value = metadata[key];
      return typeof value === "string" ? [[key, value]] : [];
    }),
  );
}

function answerOf(
  score: InspectScore | undefined,
  question: Question,
  rule: string,
  sample: InspectSample,
): Answer {
  const said = score?.answer?.trim();
  if (!said) {
    const cut = sample.output?.choices?.[0]?.stop_reason;
    const status = cut === "max_tokens" ? "truncated" : cut === "content_filter" ? "refused" : "unparsed";
    return { status, rule, span: null };
  }
  const labels = optionLabels(question.options.length);
  const at = labels.indexOf(said);
  return at < 0
    ? { status: "found", text: said, rule, span: null }
    : { status: "found", labels: [said], text: question.options[at]!, rule, span: null };
}

function outcomeOf(score: InspectScore | undefined): EvaluationRecord["outcome"] {
  const value = score === undefined ? null : scoreValue(score);
  if (value === null || value < 0 || value > 1)
    return { excluded: value === null ? "unscored" : "not-a-fraction" };
  return value === 0 || value === 1 ? { correct: value === 1 } : { score: value };
}

function traceOf(
  header: InspectHeader,
  sample: InspectSample,
  question: Question,
  answer: Answer,
  pictures: readonly Picture[],
): Trace {
  const reply =
    sample.output?.choices?.[0]?.message ?? sample.messages?.findLast(({ role }) => role === "assistant");
  const parts = typeof reply?.content === "string" ? [] : (reply?.content ?? []);
  const thought = parts.flatMap(({ reasoning }) => (reasoning === undefined ? [] : [reasoning])).join("\n");
  const plain = typeof reply?.content === "string" ? reply.content : textOf(parts);
  const before = "<think>\n";
  const text = thought === "" ? plain : `${before}${thought}\n</think>\n\n${plain}`;
  const usage = sample.output?.usage;
  return withId({
    record: "trace" as const,
    v: 1 as const,
    questionId: question.id,
    by: { kind: "import" as const, name: header.eval.model },
    stage: null,
    images: "real" as const,
    imageHashes: pictures.map(({ bytes }) => createHash("sha256").update(bytes).digest("hex")),
    promptHash: createHash("sha256").update(JSON.stringify(sample.input)).digest("hex"),
    sample: null,
    text,
    reasoning:
      thought === ""
        ? null
        : { field: "text", start: before.length, end: before.length + thought.length, quote: thought },
    steps: [],
    answer,
    finish: sample.error ? ("error" as const) : finishOf(sample.output?.choices?.[0]?.stop_reason),
    tokens: { prompt: whole(usage?.input_tokens), completion: whole(usage?.output_tokens) },
  });
}

function finishOf(reason: string | undefined): Trace["finish"] {
  if (reason === "max_tokens" || reason === "model_length") return "length";
  return reason === "content_filter" ? "refused" : "stop";
}

function inputText({ input }: InspectSample): string {
  if (typeof input === "string") return input;
  return input.map(({ content }) => (typeof content === "string" ? content : textOf(content))).join("\n\n");
}

type Parts = Exclude<InspectMessage["content"], string>;

const textOf = (parts: Parts) =>
  parts.flatMap(({ type, text }) => (type === "text" && text !== undefined ? [text] : [])).join("\n");

function picturesOf({ input }: InspectSample): Picture[] {
  if (typeof input === "string") return [];
  return input.flatMap(({ content }) =>
    typeof content === "string"
      ? []
      : content.flatMap(({ type, image }) => {
          const match = type === "image" ? /^data:(image\/[a-z0-9.+-]+);base64,/.exec(image ?? "") : null;
          return match === null
            ? []
            : [{ mime: match[1]!, bytes: Buffer.from(image!.slice(match[0].length), "base64") }];
        }),
  );
}

const whole = (value: number | undefined) => Math.max(0, Math.round(value ?? 0));
