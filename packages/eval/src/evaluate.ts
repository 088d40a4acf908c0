import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { ImageStore } from "@mede2/images";
import type { ChatModel, PromptStyle, Sampling } from "@mede2/llm";
import {
  evaluationRecordSchema,
  type ImageCondition,
  portableName,
  type Question,
  type Stage,
  writeJsonlAtomic,
} from "@mede2/schemas";
import { openAnswerFile } from "./answering/answer-file.ts";
import { type AnswerProgress, answerQuestions } from "./answering/answer-questions.ts";
import { claimFolder } from "./answering/claim-folder.ts";
import { imageConditions, type SwapSettings } from "./answering/image-conditions.ts";
import { readableImages } from "./answering/readable-images.ts";
import { EvaluationError } from "./evaluation-error.ts";
import { gradeAnswers } from "./grading/grade-answers.ts";
import type { GradeSettings } from "./grading/grade-trace.ts";
import type { ClusterSetting } from "./grading/score-of.ts";
import { type Summary, summaryBuilder } from "./grading/summarise.ts";
import { type Protocol, styleProtocol } from "./protocols/protocol.ts";

export interface EvaluateSettings {
  questions: readonly Question[];
  model: ChatModel;
  conditions: readonly ImageCondition[];
  /** How questions are put, and replies read: a protocol, or a prompt style read by the strict cascade. One of the two. */
  protocol?: Protocol;
  style?: PromptStyle;
  /** Default: the protocol's. */
  sampling?: Sampling;
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
  /** Tags by which accuracy is told apart, such as "type" or "modality". */
  by?: readonly string[];
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
    records: join(out, `${portableName(task)}.evaluation.jsonl`),
  };
}

/**
 * Asks a model every question under every condition, and grades the answers. What is recorded is never asked again, so that a stopped evaluation goes
 * on where it stood, and its records are those of one that was never stopped. Memory grows with the questions, not with the answers' texts. Throws an EvaluationError when the folder belongs to
 * an evaluation with other settings, or an image would not be sent; rejects with the model's error or the signal's reason.
 */
export async function evaluate(settings: EvaluateSettings): Promise<EvaluationResult> {
  const { questions, model, conditions, style, samples = 1, store, out, task, seed = 0 } = settings;
  const protocol = settings.protocol ?? (style === undefined ? undefined : styleProtocol(style));
  if (protocol === undefined)
    throw new EvaluationError("no-protocol", "an evaluation needs a protocol or a prompt style");
  const sampling = settings.sampling ?? protocol.sampling;
  refuseDuplicates(questions);
  const files = evaluationFiles(out, task);
  const { stage = null, checkpoint } = settings;
  await mkdir(out, { recursive: true });
  const styled = "style" in protocol.prompt;
  await claimFolder(files.settings, {
    task,
    model: model.name,
    checkpoint: checkpoint ?? null,
    stage,
    ...("style" in protocol.prompt ? { style: protocol.prompt.style } : {}),
    ...(styled && protocol.reading === "strict" ? {} : { protocol }),
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
      readable: readableImages(store),
      model,
      by: { kind: "model", name: model.name, ...(checkpoint !== undefined && { checkpoint }) },
      stage,
      protocol,
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
      protocol: protocol.name,
      reading: protocol.reading,
      model: { name: model.name, ...(checkpoint !== undefined && { checkpoint }) },
    };
    const summary = summaryBuilder({ cluster: settings.cluster ?? null, by: settings.by ?? [] });
    await writeJsonlAtomic(
      files.records,
      keep(gradeAnswers(file, questions, conditions, samples, how), summary.add),
      { schema: evaluationRecordSchema },
    );
    return { ...progress, summaries: summary.summaries(), records: files.records, traces: files.traces };
  } finally {
    await file.close();
  }
}

async function* keep<T>(source: AsyncIterable<T>, note: (item: T) => void): AsyncGenerator<T> {
  for await (const item of source) {
    note(item);
    yield item;
  }
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
