import { mkdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { openImageStore } from "@mede2/images";
import { promptStyles } from "@mede2/llm";
import { loadProcessor } from "@mede2/nn";
import { defaultImageStore, listRuns, recoverDirs, runsFolder } from "@mede2/runs";
import { type Question, sha256Hex, type TaskPlan, writeFileAtomic } from "@mede2/schemas";
import { openLocalModel } from "@mede2/trainer";
import { type RunPlanSettings, runPlan } from "../run-plan.ts";
import { runTask } from "../run-task.ts";
import { sampleCandidates } from "../sample-candidates.ts";
import { tinyFolder } from "../tiny/tiny-folder.ts";
import { openWorkClock, type WorkClock } from "../work-clock.ts";
import { type DemoAmounts, demoAmounts } from "./amounts.ts";
import { buildSet, demoConditions } from "./build-report.ts";
import { type DemoData, writeDemoData } from "./demo-data.ts";
import { stage1Plan, stage2Plan } from "./demo-plans.ts";
import { type EvaluatedModel, evaluateModel, evaluationFolder } from "./evaluate-model.ts";
import {
  type BuiltPairsFile,
  demoPairSettings,
  type FindSpecialTokens,
  rateWithSwapped,
  writePairs,
} from "./pairs-step.ts";
import type { DemoReport, DemoStage } from "./report.ts";
import { withSwappedImages } from "./swapped-negatives.ts";

export type DemoProgress = {
  readonly step: string;
  readonly done: number;
  readonly total: number;
  readonly unit: string;
};

export type DemoSettings = {
  /** The workspace of the demo. What is done in it already is not done again. */
  readonly workspace: string;
  readonly quick: boolean;
  readonly seed: number;
  readonly threads: number;
  /** A base model; default the shipped Tiny. */
  readonly base?: string;
  readonly amounts?: DemoAmounts;
  readonly code: RunPlanSettings["code"];
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: DemoProgress) => void;
};

/**
 * MedE² in miniature: Stage I on text-only demonstrations, answers sampled from it on multimodal cases, pairs by MMRP, Stage II on the pairs, and the evaluation of base, Stage I and
 * Stage II on questions that none of them saw. Stopped at any moment, the next call goes on where it stood.
 */
export async function runDemo(settings: DemoSettings): Promise<DemoReport> {
  const clock = openWorkClock(join(settings.workspace, ".mede2", "seconds.json"));
  const onProgress = (progress: DemoProgress) => {
    clock.tick();
    settings.onProgress?.(progress);
  };
  try {
    return await runStages({ ...settings, onProgress }, clock);
  } finally {
    clock.save();
  }
}

async function runStages(settings: DemoSettings, clock: WorkClock): Promise<DemoReport> {
  const { workspace, quick, seed, threads, signal } = settings;
  const amounts = settings.amounts ?? demoAmounts[quick ? "quick" : "full"];
  await mkdir(workspace, { recursive: true });
  await recoverDirs(runsFolder(workspace));
  const base = settings.base ?? tinyFolder;
  const context: Context = { ...settings, amounts, base, progress: progressOf(settings) };
  context.progress("data")(0, 1, "files");
  const store = openImageStore(join(workspace, defaultImageStore));
  const data = await writeDemoData(workspace, amounts, seed, store);
  const processor = await loadProcessor(base);
  const stage = { workspace, processor, seed, threads };
  const training = { workspace, code: settings.code, ...(signal === undefined ? {} : { signal }) };

  const stage1 = await runPlan({
    ...training,
    id: "1-stage1",
    plan: stage1Plan({ ...stage, model: base, data: data.demonstrations }, amounts.epochs),
    onStep: (done, total) => context.progress("stage 1")(done, total, "steps"),
  });
  const sampled = await sample(context, data, stage1.checkpoint, store);
  const pairs = await pair(context, sampled, (text) => processor.tokenizer.specialTokensIn(text));
  const stage2 = await runPlan({
    ...training,
    id: "4-stage2",
    plan: stage2Plan({ ...stage, model: stage1.checkpoint, data: pairs }),
    parents: ["1-stage1", "3-pairs"],
    onStep: (done, total) => context.progress("stage 2")(done, total, "steps"),
  });
  const basePrompt = await betterPrompt(context, data, store);
  const checkpoints = { base, stage1: stage1.checkpoint, stage2: stage2.checkpoint };
  const evaluateSet = async (set: "combination" | "case") => {
    const models: Partial<Record<DemoStage, EvaluatedModel>> = {};
    for (const name of ["base", "stage1", "stage2"] as const)
      models[name] = await evaluateOne(
        context,
        data,
        store,
        name,
        checkpoints[name],
        set,
        name === "base" ? basePrompt : "reason",
      );
    return buildSet(models as Record<DemoStage, EvaluatedModel>, basePrompt);
  };
  const report: DemoReport = {
    ...(await evaluateSet("combination")),
    byCase: await evaluateSet("case"),
    settings: { quick, seed, threads, basePrompt },
    pairs: { count: pairs.count, bothRight: pairs.bothRight, kinds: pairs.kinds, dropped: pairs.dropped },
    runs: (await listRuns(workspace)).map(({ id }) => id).sort(),
    seconds: clock.seconds(),
  };
  await writeFileAtomic(join(workspace, "report.json"), `${JSON.stringify(report, null, 2)}\n`);
  return report;
}

type Progress = (step: string) => (done: number, total: number, unit: string) => void;
type Context = DemoSettings & {
  readonly amounts: DemoAmounts;
  readonly base: string;
  readonly progress: Progress;
};

function progressOf({ onProgress }: DemoSettings): Progress {
  return (step) => (done, total, unit) => onProgress?.({ step, done, total, unit });
}

function taskPlan(
  context: Context,
  kind: TaskPlan["kind"],
  data: TaskPlan["data"],
  settings: TaskPlan["settings"] = {},
): TaskPlan {
  return {
    record: "plan",
    v: 1,
    kind,
    recipe: `demo-${kind}`,
    data,
    seed: context.seed,
    threads: context.threads,
    settings,
  };
}

type Sampled = { readonly candidates: string; readonly swapped: string };

/** K answers to each case, and one more to each with the picture of another. */
async function sample(
  context: Context,
  data: DemoData,
  checkpoint: string,
  store: ReturnType<typeof openImageStore>,
): Promise<Sampled> {
  const { workspace, amounts, seed, threads, signal } = context;
  const sampling = { samples: amounts.samples, temperature: 0.8, topP: 1, maxTokens: 150 };
  return runTask({
    workspace,
    id: "2-sample",
    code: context.code,
    parents: ["1-stage1"],
    plan: taskPlan(context, "sample", [await fileOf(workspace, "data/stage2.questions.jsonl", "stage2")], {
      ...sampling,
      swapped: 1,
      checkpoint: relative(workspace, checkpoint),
    }),
    summary: () => ({ questions: data.cases.length }),
    work: async (dir, report) => {
      const files = {
        candidates: join(dir, "traces", "stage2.candidates.jsonl"),
        swapped: join(dir, "traces", "stage2-swapped.candidates.jsonl"),
      };
      const model = await openLocalModel({ model: checkpoint, imageStore: store, threads, batch: 64 });
      const total = 2 * data.cases.length;
      const ask = (questions: readonly Question[], samples: number, before: number, out: string) =>
        sampleCandidates({
          model,
          questions,
          style: promptStyles.reason,
          ...sampling,
          samples,
          seed,
          stage: "stage1",
          checkpoint: relative(workspace, checkpoint),
          out,
          ...(signal === undefined ? {} : { signal }),
          onProgress: (done) => {
            report(before + done, total, "questions");
            context.progress("sampling")(before + done, total, "questions");
          },
        });
      try {
        await ask(data.cases, sampling.samples, 0, files.candidates);
        await ask(withSwappedImages(data.cases, seed), 1, data.cases.length, files.swapped);
      } finally {
        await model.close();
      }
      return files;
    },
  });
}

async function pair(
  context: Context,
  { candidates, swapped }: Sampled,
  specialTokensIn: FindSpecialTokens,
): Promise<BuiltPairsFile> {
  const { workspace, seed } = context;
  const files = await Promise.all(
    [candidates, swapped].map((file) => fileOf(workspace, relative(workspace, file), "stage2")),
  );
  return runTask<BuiltPairsFile>({
    workspace,
    id: "3-pairs",
    code: context.code,
    parents: ["2-sample"],
    plan: taskPlan(context, "pair", files),
    summary: ({ count, bothRight, kinds, dropped }) => ({
      pairs: count,
      bothRight,
      kinds: { ...kinds },
      dropped: { ...dropped },
    }),
    work: async (dir, report) => {
      context.progress("pairs")(0, 1, "files");
      const rated = await rateWithSwapped(join(dir, "traces"), candidates, swapped);
      report(rated.length, context.amounts.cases, "questions");
      const settings = { ...demoPairSettings, seed, plan: "demo-stage2" };
      return writePairs(workspace, rated, "stage2", settings, specialTokensIn);
    },
  });
}

/** The base counts with the better of its two prompts, found on development questions. */
async function betterPrompt(
  context: Context,
  data: DemoData,
  store: ReturnType<typeof openImageStore>,
): Promise<"direct" | "reason"> {
  const right = { direct: 0, reason: 0 };
  for (const style of ["direct", "reason"] as const) {
    const { records } = await evaluateModel({
      model: context.base,
      stage: "base",
      questions: data.development,
      style,
      conditions: ["real"],
      task: "ward-development",
      out: evaluationFolder(context.workspace, `base-${style}`, "development"),
      store,
      threads: context.threads,
      ...(context.signal === undefined ? {} : { signal: context.signal }),
      onProgress: (done, total) => context.progress(`base, ${style} prompt`)(done, total, "questions"),
    });
    right[style] = records.filter(({ outcome }) => "correct" in outcome && outcome.correct === true).length;
  }
  return right.reason > right.direct ? "reason" : "direct";
}

async function evaluateOne(
  context: Context,
  data: DemoData,
  store: ReturnType<typeof openImageStore>,
  stage: DemoStage,
  checkpoint: string,
  set: "combination" | "case",
  style: "direct" | "reason",
): Promise<EvaluatedModel> {
  const { workspace } = context;
  const out = evaluationFolder(workspace, stage, set);
  return runTask({
    workspace,
    id: `5-evaluate-${stage}-${set}`,
    code: context.code,
    parents: stage === "base" ? [] : [stage === "stage1" ? "1-stage1" : "4-stage2"],
    plan: taskPlan(
      context,
      "evaluate",
      [await fileOf(workspace, `data/test-${set}.questions.jsonl`, `test-${set}`)],
      {
        style,
        conditions: [...demoConditions],
      },
    ),
    summary: ({ records }) => ({ answers: records.length, folder: relative(workspace, out) }),
    work: (_, report) =>
      evaluateModel({
        model: checkpoint,
        stage,
        questions: set === "case" ? data.byCase : data.byCombination,
        style,
        conditions: demoConditions,
        task: `ward-${set}`,
        out,
        store,
        threads: context.threads,
        ...(context.signal === undefined ? {} : { signal: context.signal }),
        onProgress: (done, total) => {
          report(done, total, "answers");
          context.progress(`evaluating ${stage}, by ${set}`)(done, total, "answers");
        },
      }),
  });
}

async function fileOf(workspace: string, path: string, split: string): Promise<TaskPlan["data"][number]> {
  return { path, sha256: sha256Hex(await readFile(join(workspace, path))), split };
}
