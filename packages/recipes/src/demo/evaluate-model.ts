import { join } from "node:path";
import { evaluate, type QualityCheck, type QualityRow, traceQuality } from "@mede2/eval";
import type { ImageStore } from "@mede2/images";
import { promptStyles } from "@mede2/llm";
import {
  type EvaluationRecord,
  evaluationRecordSchema,
  type ImageCondition,
  type Question,
  readJsonl,
  type Stage,
  type Trace,
  traceSchema,
} from "@mede2/schemas";
import { openLocalModel } from "@mede2/trainer";
import { wardCheck } from "./ward-links.ts";

export type EvaluateModelSettings = {
  readonly model: string;
  readonly stage: Stage;
  readonly questions: readonly Question[];
  readonly style: "direct" | "reason";
  readonly conditions: readonly ImageCondition[];
  readonly task: string;
  readonly out: string;
  readonly store: ImageStore;
  readonly threads: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
};

export type EvaluatedModel = {
  readonly records: readonly EvaluationRecord[];
  /** What the answers to real images say of finding, values and chain. */
  readonly quality: readonly QualityRow[];
  readonly traces: readonly Trace[];
};

/** Greedy answers of a checkpoint to questions under each condition, graded, with what the ward's checker says of them. Swapped images never show the same finding. */
export async function evaluateModel(settings: EvaluateModelSettings): Promise<EvaluatedModel> {
  const { questions, store, stage, task, out, conditions } = settings;
  const model = await openLocalModel({
    model: settings.model,
    imageStore: store,
    threads: settings.threads,
    batch: 64,
  });
  try {
    const { records: path, traces: answers } = await evaluate({
      questions,
      model,
      conditions,
      style: promptStyles[settings.style],
      sampling: { temperature: 0, topP: 1, maxTokens: settings.style === "direct" ? 24 : 150 },
      store,
      out,
      task,
      stage,
      swap: { key: (question) => String(question.facts?.finding) },
      ...(settings.signal === undefined ? {} : { signal: settings.signal }),
      ...(settings.onProgress === undefined
        ? {}
        : { onProgress: ({ done, total }) => settings.onProgress?.(done, total) }),
    });
    const records = await all(readJsonl(path, evaluationRecordSchema));
    const traces = await all(readJsonl(answers, traceSchema));
    return { records, traces, quality: qualityOf(questions, records, traces) };
  } finally {
    await model.close();
  }
}

function qualityOf(
  questions: readonly Question[],
  records: readonly EvaluationRecord[],
  traces: readonly Trace[],
): QualityRow[] {
  const byQuestion = new Map(questions.map((question) => [question.id, question]));
  const byTrace = new Map(traces.map((trace) => [trace.id, trace]));
  const items = records.flatMap((record) => {
    const trace = byTrace.get(record.traceId);
    const question = byQuestion.get(record.questionId);
    return record.images === "real" && trace !== undefined && question !== undefined
      ? [{ question, record, trace }]
      : [];
  });
  return traceQuality(items, (question, trace) => wardQuality(question, trace)).rows;
}

function wardQuality(question: Question, trace: Trace): QualityCheck {
  const check = wardCheck(question, trace.text);
  return {
    findingRight: check.findingRight,
    findingCarried: check.carried,
    valuesInStem: check.valuesInStem,
    trueChain: check.trueConsistentChain,
  };
}

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

export function evaluationFolder(workspace: string, model: string, set: string): string {
  return join(workspace, "evaluations", `${model}-${set}`);
}
