import type { ImageStore } from "@mede2/images";
import type { EvaluationRecord, ImageCondition, Question, Trace } from "@mede2/schemas";
import { createRandom } from "@mede2/stats";
import { scoreOf } from "../grading/score-of.ts";
import { type EvaluationFolder, evaluationRecords } from "./evaluation-folder.ts";
import { pictureOf } from "./export-inspect.ts";
import type { ReportAnswer, ReportExample, ReportPicture } from "./report.ts";
import { openTraceIndex } from "./trace-index.ts";

export interface ExampleSettings {
  images: ImageCondition;
  questions: ReadonlyMap<string, Question>;
  /** Pictures are put in where it has them; null leaves them out. */
  store: ImageStore | null;
  seed: number | string;
  /** Most bytes of a picture, and of all of them. */
  pictureBytes?: number;
  allPictureBytes?: number;
}

/** Some of each kind, drawn by seed, the kinds in turn. */
export function drawExamples(
  kinds: readonly { why: ReportExample["why"]; ids: readonly string[]; count: number }[],
  seed: number | string,
): { questionId: string; why: ReportExample["why"] }[] {
  return kinds.flatMap(({ why, ids, count }) =>
    createRandom(`${seed}/examples/${why}`)
      .shuffled([...ids].sort())
      .slice(0, count)
      .map((questionId) => ({ questionId, why })),
  );
}

/** The answers (first sample) of every evaluation to the chosen questions. */
export async function readExamples(
  chosen: readonly { questionId: string; why: ReportExample["why"] }[],
  evaluations: readonly (EvaluationFolder & { label: string })[],
  settings: ExampleSettings,
): Promise<ReportExample[]> {
  const { images, questions, store, pictureBytes = 2 * 2 ** 20, allPictureBytes = 12 * 2 ** 20 } = settings;
  const wanted = new Set(chosen.map(({ questionId }) => questionId));
  const answers = new Map<string, { answer: ReportAnswer; trace: Trace | undefined }[]>();
  for (const evaluation of evaluations) {
    const records: EvaluationRecord[] = [];
    for await (const record of evaluationRecords(evaluation, images))
      if (record.sample === 0 && wanted.has(record.questionId)) records.push(record);
    const traces = evaluation.traces === null ? undefined : await openTraceIndex(evaluation.traces);
    try {
      for (const record of records) {
        const trace = await traces?.get(record.traceId);
        const list = answers.get(record.questionId) ?? [];
        answers.set(record.questionId, list);
        list.push({ answer: answerOf(evaluation.label, record, trace), trace });
      }
    } finally {
      await traces?.close();
    }
  }
  let room = allPictureBytes;
  const pictures = async (
    question: Question | undefined,
    hashes: readonly string[],
  ): Promise<ReportPicture[]> =>
    Promise.all(
      hashes.map(async (sha256): Promise<ReportPicture> => {
        if (store === null) return { sha256, left: "pictures were not asked for" };
        const picture = await pictureOf(sha256, question, store);
        if (picture === undefined) return { sha256, left: "not in the image store" };
        const { mime, bytes } = picture;
        if (!["image/png", "image/jpeg", "image/webp"].includes(mime))
          return { sha256, left: `browsers don't show ${mime}` };
        if (bytes.length > Math.min(pictureBytes, room))
          return { sha256, left: `too large (${bytes.length} bytes)` };
        room -= bytes.length;
        return { sha256, uri: `data:${mime};base64,${Buffer.from(bytes).toString("base64")}` };
      }),
    );
  const examples: ReportExample[] = [];
  for (const { questionId, why } of chosen) {
    const given = answers.get(questionId) ?? [];
    const question = questions.get(questionId);
    const hashes = given.find(({ trace }) => trace !== undefined)?.trace?.imageHashes ?? [];
    examples.push({
      questionId,
      why,
      question:
        question === undefined
          ? null
          : { stem: question.stem, options: question.options, gold: question.gold },
      pictures: await pictures(question, [...new Set(hashes)]),
      answers: given.map(({ answer }) => answer),
    });
  }
  return examples;
}

const longest = 6000;

function answerOf(name: string, record: EvaluationRecord, trace: Trace | undefined): ReportAnswer {
  const { answer } = record;
  const score = scoreOf(record);
  const said = [answer.labels?.join(", "), answer.text].filter((part) => part !== undefined).join(" · ");
  const text = trace?.text ?? "";
  const place = (span: { start: number; end: number } | null | undefined) =>
    span && span.start < Math.min(longest, text.length)
      ? { start: span.start, end: Math.min(span.end, longest, text.length) }
      : null;
  return {
    name,
    correct: score === null ? null : score >= 0.5,
    status: answer.status,
    said,
    text: text.slice(0, longest),
    cut: text.length > longest,
    span: place(answer.span),
    reasoning: place(trace?.reasoning),
    tokens: trace?.tokens.completion ?? 0,
  };
}
