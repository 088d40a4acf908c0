import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { ImageStore } from "@mede2/images";
import { fromInspect, type ImportedAnswer, openInspectLog } from "@mede2/inspect-log";
import {
  type EvaluationRecord,
  evaluationRecordSchema,
  portableName,
  type Question,
  questionSchema,
  type Trace,
  traceSchema,
  writeJsonlAtomic,
} from "@mede2/schemas";
import { evaluationFiles } from "../evaluate.ts";
import { EvaluationError } from "../evaluation-error.ts";

export interface ImportInspectSettings {
  /** Folder of the evaluation. */
  out: string;
  /** Takes the pictures; without it they are left in the log. */
  store?: ImageStore;
  /** Whose verdict counts in logs of others; default: the first scorer's. */
  scorer?: string;
  signal?: AbortSignal;
}

export interface ImportedInspect {
  task: string;
  records: string;
  traces: string;
  questions: string;
  written: number;
  /** Pictures that are none, or of a kind that the store refuses, by reason. */
  refusedPictures: Record<string, number>;
}

/**
 * Reads logs of Inspect into an evaluation's folder: records, answers and questions. Several logs may be the conditions of one evaluation; two answers to the same question, condition and sample are refused. The logs are read twice, one sample in memory at a time.
 */
export async function importInspect(
  paths: readonly string[],
  { out, store, scorer, signal }: ImportInspectSettings,
): Promise<ImportedInspect> {
  const seen = new Set<string>();
  const refusedPictures: Record<string, number> = {};
  let task: string | undefined;
  async function* answers(): AsyncGenerator<ImportedAnswer> {
    for (const path of paths) {
      const log = await openInspectLog(path);
      try {
        for await (const sample of log.eachSample()) {
          signal?.throwIfAborted();
          yield fromInspect(log.header, sample, scorer === undefined ? {} : { scorer });
        }
      } finally {
        log.close();
      }
    }
  }
  for await (const { record } of answers()) {
    task ??= record.task;
    if (record.task !== task)
      throw new EvaluationError(
        "mixed-records",
        `the logs are of several tasks (${task} and ${record.task}): import each into its own folder`,
      );
    const key = JSON.stringify([record.questionId, record.images, record.sample]);
    if (seen.has(key))
      throw new EvaluationError(
        "mixed-records",
        `two answers to ${record.questionId} (${record.images} images, sample ${record.sample}): import each log into its own folder`,
      );
    seen.add(key);
  }
  if (task === undefined)
    throw new EvaluationError("nothing-to-compare", `${paths.join(", ")}: the logs have no sample`);
  await mkdir(out, { recursive: true });
  const files = evaluationFiles(out, task);
  const questions = join(out, `${portableName(task)}.questions.jsonl`);
  async function* records(): AsyncGenerator<EvaluationRecord> {
    for await (const { record } of answers()) yield record;
  }
  async function* traces(): AsyncGenerator<Trace> {
    for await (const { trace } of answers()) yield trace;
  }
  async function* asked(): AsyncGenerator<Question> {
    const known = new Set<string>();
    for await (const { question, pictures } of answers()) {
      const shown =
        store === undefined ? [] : (await Promise.all(pictures.map(({ bytes }) => put(bytes, store)))).flat();
      if (known.has(question.id)) continue;
      known.add(question.id);
      yield question.images.length > 0 ? question : { ...question, images: shown };
    }
  }
  const put = async (bytes: Uint8Array, into: ImageStore): Promise<Question["images"]> => {
    try {
      return [await into.put(bytes)];
    } catch (error) {
      const { code } = error as { code?: unknown };
      if (typeof code !== "string" || !code.startsWith("IMAGE_")) throw error;
      refusedPictures[code] = (refusedPictures[code] ?? 0) + 1;
      return [];
    }
  };
  await writeJsonlAtomic(questions, asked(), { schema: questionSchema });
  await writeJsonlAtomic(files.traces, traces(), { schema: traceSchema });
  await writeJsonlAtomic(files.records, records(), { schema: evaluationRecordSchema });
  return {
    task,
    records: files.records,
    traces: files.traces,
    questions,
    written: seen.size,
    refusedPictures,
  };
}
