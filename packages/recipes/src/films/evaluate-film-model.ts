import { join } from "node:path";
import { evaluate } from "@mede2/eval";
import type { ImageStore } from "@mede2/images";
import { promptStyles } from "@mede2/llm";
import {
  type EvaluationRecord,
  evaluationRecordSchema,
  type Question,
  readJsonl,
  type Trace,
  traceSchema,
} from "@mede2/schemas";
import { openLocalModel } from "@mede2/trainer";
import { filmLabel } from "./film-links.ts";
import { type FilmProbabilities, filmProbabilities } from "./film-probabilities.ts";
import { type FilmsControl, type FilmsStage, type FilmsStyle, filmsControls } from "./films-report.ts";

export const filmConditions = ["real", "blank", "swapped"] as const;

export type EvaluateFilmSettings = {
  readonly workspace: string;
  readonly model: string;
  readonly stage: FilmsStage;
  readonly style: FilmsStyle;
  readonly films: readonly Question[];
  readonly store: ImageStore;
  readonly maxTokens: number;
  readonly threads: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
};

export type EvaluatedFilms = {
  readonly stage: FilmsStage;
  readonly style: FilmsStyle;
  readonly records: readonly EvaluationRecord[];
  readonly traces: ReadonlyMap<string, Trace>;
  readonly probabilities: readonly FilmProbabilities[];
};

const isControl = (stage: FilmsStage): stage is FilmsControl =>
  (filmsControls as readonly string[]).includes(stage);

/** Tokens of a bare answer, with room to say something else. */
const directTokens = 24;

/** Greedy answers to films, real, blank and swapped (for one with the other label), graded; and the probabilities of the options for the real ones. */
export async function evaluateFilmModel(settings: EvaluateFilmSettings): Promise<EvaluatedFilms> {
  const { workspace, stage, style, films, store, threads, signal, onProgress } = settings;
  const out = join(workspace, "evaluations", `${stage}-${style}`);
  const model = await openLocalModel({ model: settings.model, imageStore: store, threads, batch: 64 });
  try {
    const written = await evaluate({
      questions: films,
      model,
      conditions: filmConditions,
      style: promptStyles[style],
      sampling: {
        temperature: 0,
        topP: 1,
        maxTokens: style === "direct" ? directTokens : settings.maxTokens,
      },
      store,
      out,
      task: "films",
      stage: isControl(stage) ? "stage2" : stage,
      swap: { key: filmLabel },
      ...(signal === undefined ? {} : { signal }),
      ...(onProgress === undefined
        ? {}
        : { onProgress: ({ done, total }: { done: number; total: number }) => onProgress(done, total) }),
    });
    const records: EvaluationRecord[] = [];
    for await (const record of readJsonl(written.records, evaluationRecordSchema)) records.push(record);
    const traces = new Map<string, Trace>();
    for await (const trace of readJsonl(written.traces, traceSchema)) traces.set(trace.id, trace);
    const probabilities = await filmProbabilities(
      join(out, "probabilities.json"),
      model,
      promptStyles[style],
      films,
      traces,
      records,
    );
    return { stage, style, records, traces, probabilities };
  } finally {
    await model.close();
  }
}
