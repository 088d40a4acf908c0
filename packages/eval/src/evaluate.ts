import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ImageStore } from "@mede2/images";
import type { ChatModel, PromptStyle, Sampling } from "@mede2/llm";
import {
  canonicalJson,
  evaluationRecordSchema,
  type ImageCondition,
  type Question,
  type Stage,
  writeFileAtomic,
  writeJsonlAtomic,
} from "@mede2/schemas";
import { type AnswerFile, openAnswerFile } from "./answering/answer-file.ts";
import { type AnswerProgress, answerQuestions } from "./answering/answer-questions.ts";
import { imageConditions, type SwapSettings } from "./answering/image-conditions.ts";
import { EvaluationError } from "./evaluation-error.ts";
import { type GradedRecord, type GradeSettings, gradeTrace } from "./grading/grade-trace.ts";
import type { ClusterSetting } from "./grading/score-of.ts";
import { type Summary, summarise } from "./grading/summarise.ts";

export interface EvaluateSettings {
  questions: readonly Question[];
  model: ChatModel;
  conditions: readonly ImageCondition[];
  style: PromptStyle;
  sampling: Sampling;
  /** Answers of each question under each condition; default 1. */
  samples?: number;
  store: ImageStore;
  /** Folder of this evaluation; see `evaluationFiles`. */
  out: string;
  task: string;
  stage?: Stage;
  checkpoint?: string;
  /** Of sampling, swaps and noise; default 0. */
  seed?: number;
  swap?: SwapSettings;
  /** Requests of one call of the model; default 256. */
  chunk?: number;
  /** Whether failed requests are asked again when an evaluation goes on; default true. */
  retryErrors?: boolean;
  cluster?: ClusterSetting;
  onProgress?: (progress: AnswerProgress) => void;
  signal?: AbortSignal;
}

export interface EvaluationResult extends AnswerProgress {
  summaries: Summary[];
  /** Path of the records. */
  records: string;
  traces: string;
}

/** The files of an evaluation's folder: settings, answers as they came, and grades in the order of the questions. */
export function evaluationFiles(
  out: string,
  task: string,
): { settings: string; traces: string; records: string } {
  return {
    settings: join(out, "evaluation.json"),
    traces: join(out, "answers.trace.jsonl"),
    records: join(out, `${task.replace(/[^\w.-]+/g, "-")}.evaluation.jsonl`),
  };
}

/**
 * Asks a model every question under every condition, and grades the answers. What is recorded is never asked again, so that a stopped evaluation goes
 * on where it stood, and its records are those of one that was never stopped. Throws an EvaluationError when the folder belongs to an evaluation with other settings, or an
 * image would not be sent; rejects with the model's error or the signal's reason.
 */
export async function evaluate(settings: EvaluateSettings): Promise<EvaluationResult> {
  const { questions, model, conditions, style, sampling, samples = 1, store, out, task, seed = 0 } = settings;
  refuseDuplicates(questions);
  const files = evaluationFiles(out, task);
  const { stage = null, checkpoint } = settings;
  await mkdir(out, { recursive: true });
  await claimFolder(files.settings, {
    task,
    model: model.name,
    checkpoint: checkpoint ?? null,
    stage,
    style,
    sampling,
    samples,
    seed,
  });
  const file = await openAnswerFile(files.traces);
  try {
    const progress = await answerQuestions({
      questions,
      conditions,
      conditionOf: imageConditions(questions, store, { seed, ...(settings.swap && { swap: settings.swap }) }),
      model,
      by: { kind: "model", name: model.name, ...(checkpoint !== undefined && { checkpoint }) },
      stage,
      style,
      sampling,
      samples,
      seed,
      file,
      chunk: settings.chunk ?? 256,
      retryErrors: settings.retryErrors ?? true,
      onProgress: settings.onProgress,
      signal: settings.signal,
    });
    const how: GradeSettings = {
      task,
      protocol: style.name,
      model: { name: model.name, ...(checkpoint !== undefined && { checkpoint }) },
    };
    const graded: GradedRecord[] = [];
    await writeJsonlAtomic(
      files.records,
      keep(gradeAnswers(file, questions, conditions, samples, how), (record) => graded.push(slim(record))),
      { schema: evaluationRecordSchema },
    );
    const summaries = summarise(graded, { cluster: settings.cluster ?? null });
    return { ...progress, summaries, records: files.records, traces: files.traces };
  } finally {
    await file.close();
  }
}

/** Grades anew, in the order of conditions and questions. Throws an EvaluationError for an answer that is not there. */
export async function* gradeAnswers(
  file: AnswerFile,
  questions: readonly Question[],
  conditions: readonly ImageCondition[],
  samples: number,
  how: GradeSettings,
): AsyncGenerator<GradedRecord> {
  for (const condition of conditions)
    for (const question of questions)
      for (let sample = 0; sample < samples; sample++) {
        const place = file.find(question.id, condition, sample);
        if (place === undefined)
          throw new EvaluationError(
            "answer-missing",
            `${file.path} has no answer to ${question.id} under "${condition}" (sample ${sample}): run the evaluation to its end first`,
          );
        yield gradeTrace(question, await file.read(place), how);
      }
}

async function* keep<T>(source: AsyncIterable<T>, note: (item: T) => void): AsyncGenerator<T> {
  for await (const item of source) {
    note(item);
    yield item;
  }
}

/** What a summary needs of a record; the texts stay in the file. */
function slim(record: GradedRecord): GradedRecord {
  const bare = ({ status, rule }: GradedRecord["answer"]) => ({ status, rule, span: null });
  const byRule = Object.fromEntries(
    Object.entries(record.byRule).map(([rule, answer]) => [rule, bare(answer)]),
  );
  return { ...record, byRule, answer: bare(record.answer) };
}

function refuseDuplicates(questions: readonly Question[]): void {
  const seen = new Set<string>();
  for (const { id } of questions) {
    if (seen.has(id))
      throw new EvaluationError(
        "duplicate-question",
        `the question ${id} occurs twice: its answers would be counted twice`,
      );
    seen.add(id);
  }
}

/** The first evaluation writes its settings into the folder; a later one must have the same. */
async function claimFolder(path: string, settings: Record<string, unknown>): Promise<void> {
  const text = await readFile(path, "utf8").catch((error: { code?: string }) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (text === null) return writeFileAtomic(path, `${JSON.stringify(settings, null, 2)}\n`);
  const before = JSON.parse(text) as Record<string, unknown>;
  const other = Object.keys(settings).find(
    (key) => canonicalJson(before[key] ?? null) !== canonicalJson(settings[key] ?? null),
  );
  if (other !== undefined)
    throw new EvaluationError(
      "other-evaluation",
      `${path} belongs to an evaluation whose ${other} is ${JSON.stringify(before[other])}, not ${JSON.stringify(settings[other])}: choose another folder`,
    );
}
