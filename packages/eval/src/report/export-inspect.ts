import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { ImageStore } from "@mede2/images";
import {
  type InspectSample,
  inspectLogName,
  type NewInspectLog,
  type Picture,
  toInspect,
  type WrittenInspectLog,
  writeInspectLog,
} from "@mede2/inspect-log";
import type { EvaluationRecord, Question } from "@mede2/schemas";
import { EvaluationError } from "../evaluation-error.ts";
import { type EvaluationFolder, evaluationRecords } from "./evaluation-folder.ts";
import { openTraceIndex } from "./trace-index.ts";

export interface ExportInspectSettings {
  /** Folder of the logs. */
  out: string;
  /** By id. Questions that it lacks are shown by their id. */
  questions?: ReadonlyMap<string, Question>;
  /** Where pictures come from; without it the logs have none. Pictures that it lacks are left out and counted. */
  store?: ImageStore;
  onSample?: (done: number) => void;
  signal?: AbortSignal;
}

export interface ExportedInspect extends WrittenInspectLog {
  images: string;
  missingPictures: number;
}

/**
 * Writes a task of an evaluation as Inspect logs, one for each condition of the images: Inspect averages over a log. Answers of a question become epochs. Memory grows with the number of questions.
 */
export async function exportInspect(
  evaluation: EvaluationFolder,
  { out, questions = new Map(), store, onSample, signal }: ExportInspectSettings,
): Promise<ExportedInspect[]> {
  if (evaluation.traces === null)
    throw new EvaluationError(
      "answer-missing",
      `${evaluation.folder} has no answers.trace.jsonl: a log of Inspect holds the answers, so it needs them`,
    );
  const conditions = new Map<string, EvaluationRecord>();
  for await (const record of evaluationRecords(evaluation))
    if (!conditions.has(record.images)) conditions.set(record.images, record);
  await mkdir(out, { recursive: true });
  const traces = await openTraceIndex(evaluation.traces);
  try {
    const written: ExportedInspect[] = [];
    let done = 0;
    for (const [images, first] of conditions) {
      let missing = 0;
      const head = headOf(evaluation, images, first);
      const samples = async function* (): AsyncGenerator<InspectSample> {
        for await (const record of evaluationRecords(evaluation, images)) {
          signal?.throwIfAborted();
          const trace = await traces.get(record.traceId);
          if (trace === undefined)
            throw new EvaluationError(
              "answer-missing",
              `${evaluation.traces} has no answer ${record.traceId}, which ${evaluation.records} grades`,
            );
          const question = questions.get(record.questionId);
          const pictures: Picture[] = [];
          if (store !== undefined)
            for (const sha256 of trace.imageHashes) {
              const picture = await pictureOf(sha256, question, store);
              if (picture === undefined) missing += 1;
              else pictures.push(picture);
            }
          yield toInspect({ record, trace, ...(question && { question }) }, pictures);
          onSample?.(++done);
        }
      };
      const log = await writeInspectLog(join(out, inspectLogName(head)), head, samples());
      written.push({ ...log, images, missingPictures: missing });
    }
    return written;
  } finally {
    await traces.close();
  }
}

/** The file that was really sent: the question's own, or what a condition put in its place, which is PNG. */
export async function pictureOf(
  sha256: string,
  question: Question | undefined,
  store: ImageStore,
): Promise<Picture | undefined> {
  if (!store.has(sha256)) return undefined;
  const own = question?.images.find((image) => image.sha256 === sha256)?.mime;
  for (const mime of new Set([
    ...(own === undefined ? [] : [own]),
    "image/png",
    "image/jpeg",
    "image/webp",
  ])) {
    const bytes = await store
      .read({ sha256, mime, width: 1, height: 1 })
      .catch((error: { code?: string }) => {
        if (error.code === "IMAGE_MISSING") return undefined;
        throw error;
      });
    if (bytes !== undefined) return { mime, bytes };
  }
  return undefined;
}

function headOf(evaluation: EvaluationFolder, images: string, first: EvaluationRecord): NewInspectLog {
  const { settings, started, finished, task } = evaluation;
  const sampling = (settings?.sampling ?? {}) as { temperature?: number; topP?: number; maxTokens?: number };
  const { temperature, topP, maxTokens } = sampling;
  const { model, stage, protocol } = first;
  return {
    task: `${task}-${images}`,
    model: model.checkpoint ?? model.name,
    created: started,
    completed: finished,
    dataset: { name: task },
    taskArgs: { images, protocol, ...(stage === null ? {} : { stage }) },
    generate: {
      ...(temperature === undefined ? {} : { temperature }),
      ...(topP === undefined ? {} : { top_p: topP }),
      ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
    },
    metadata: { mede2: { settings, images } },
    tags: [images, ...(stage === null ? [] : [stage])],
  };
}
