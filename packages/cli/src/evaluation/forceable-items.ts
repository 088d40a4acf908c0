import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ForcedItem, Protocol } from "@mede2/eval";
import type { ImageCondition, Question } from "@mede2/schemas";
import { CliError } from "../exit.ts";

export interface ForceableInput {
  /** Folder of the evaluation, and its records. */
  folder: string;
  records: string;
  questions: ReadonlyMap<string, Question>;
  images: ImageCondition;
  /** Most questions. */
  limit?: number;
}

/** The first answer of an evaluation to each question that has one right option, with the question and the answer's text. */
export async function forceableItems({
  folder,
  records,
  questions,
  images,
  limit = Number.POSITIVE_INFINITY,
}: ForceableInput): Promise<ForcedItem[]> {
  const [evals, schemas] = await Promise.all([import("@mede2/eval"), import("@mede2/schemas")]);
  const { evaluationRecordSchema, readJsonl, traceSchema } = schemas;
  const items = new Map<string, ForcedItem>();
  for await (const record of readJsonl(records, evaluationRecordSchema)) {
    const question = questions.get(record.questionId);
    const score = evals.scoreOf(record);
    if (record.images !== images || record.sample !== 0 || score === null) continue;
    if (question === undefined || !evals.isForceable(question) || items.size >= limit) continue;
    items.set(record.traceId, { question, score, cluster: evals.clusterOf(record, "auto") } as ForcedItem);
  }
  for await (const trace of readJsonl(join(folder, "answers.trace.jsonl"), traceSchema)) {
    const item = items.get(trace.id);
    if (item !== undefined) item.trace = trace;
  }
  const whole = [...items.values()].filter(({ trace }) => trace !== undefined);
  if (whole.length === 0)
    throw new CliError(
      "no-data",
      "no answer can be forced",
      "give questions with one right option, with --data",
    );
  return whole;
}

/** How the evaluation asked, from its own settings. */
export async function askedProtocol(folder: string): Promise<Protocol> {
  const { styleProtocol } = await import("@mede2/eval");
  const settings = JSON.parse(await readFile(join(folder, "evaluation.json"), "utf8")) as {
    style?: Parameters<typeof styleProtocol>[0];
    protocol?: Protocol;
  };
  if (settings.protocol !== undefined) return settings.protocol;
  if (settings.style !== undefined) return styleProtocol(settings.style);
  throw new CliError(
    "no-evaluation",
    `${folder}/evaluation.json does not say how it asked`,
    "run mede2 eval run anew",
  );
}
