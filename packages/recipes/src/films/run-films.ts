import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { type ImageStore, openImageStore } from "@mede2/images";
import { promptStyles } from "@mede2/llm";
import { loadProcessor } from "@mede2/nn";
import { defaultImageStore, readRun, recoverDirs, runFolder, runsFolder } from "@mede2/runs";
import {
  canonicalJson,
  questionSchema,
  sha256Hex,
  type TaskPlan,
  type TrainingPlan,
  writeFileAtomic,
  writeJsonlAtomic,
} from "@mede2/schemas";
import { openLocalModel, TrainerError } from "@mede2/trainer";
import { type RunPlanSettings, runPlan } from "../run-plan.ts";
import { runTask } from "../run-task.ts";
import { sampleCandidates } from "../sample-candidates.ts";
import { tinyFolder } from "../tiny/tiny-folder.ts";
import { openWorkClock, type WorkClock } from "../work-clock.ts";
import { type EvaluatedFilms, evaluateFilmModel, filmConditions } from "./evaluate-film-model.ts";
import { filmLabel } from "./film-links.ts";
import { patientOf } from "./film-splits.ts";
import { filmsControlPlan } from "./films-controls.ts";
import { type FilmsData, writeFilmsData } from "./films-data.ts";
import { filmsComparisons, filmsRow } from "./films-measures.ts";
import { type FilmPairs, writeFilmPairs } from "./films-pairs.ts";
import { filmsStage0, filmsStage1, filmsStage2 } from "./films-plans.ts";
import type { FilmsControl, FilmsReport, FilmsStage, FilmsStyle } from "./films-report.ts";
import { type FilmsAmounts, filmsAmounts } from "./films-settings.ts";
import { weightsHash } from "./weights-hash.ts";

export type FilmsProgress = {
  readonly step: string;
  readonly done: number;
  readonly total: number;
  readonly unit: string;
};

export type FilmsSettings = {
  /** What is done in it already is not done again. */
  readonly workspace: string;
  /** The films: class folders as published, or `labels.jsonl` and `images/`. */
  readonly source: string;
  /** Folder of the base; default the shipped Tiny. */
  readonly model?: string;
  readonly seed: number;
  readonly threads: number;
  readonly quick?: boolean;
  readonly amounts?: FilmsAmounts;
  /**
   * For making choices: 0–4 holds out that fifth of the training films, by patient, and leaves the published test films alone.
   */
  readonly developmentFold?: number;
  /** Trained and compared with Stage II too; default none. */
  readonly controls?: readonly FilmsControl[];
  readonly code: RunPlanSettings["code"];
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: FilmsProgress) => void;
};

/** The models that are compared, each with the prompts it is asked with. The first of a stage is the one that comparisons speak of. */
const asked: readonly (readonly [FilmsStage, readonly FilmsStyle[]])[] = [
  ["base", ["direct", "reason"]],
  ["stage0", ["direct"]],
  ["stage1", ["reason", "direct"]],
  ["stage2", ["reason", "direct"]],
];

/** What is compared with what: each stage with the one before, Stage II with Stage 0, and the direct answers, which show whether perception was kept. */
const compared: readonly (readonly [from: string, to: string])[] = [
  ["base direct", "stage0 direct"],
  ["stage0 direct", "stage1 reason"],
  ["stage1 reason", "stage2 reason"],
  ["stage0 direct", "stage2 reason"],
  ["stage0 direct", "stage1 direct"],
  ["stage0 direct", "stage2 direct"],
];

type Context = FilmsSettings & {
  readonly amounts: FilmsAmounts;
  readonly base: string;
  readonly store: ImageStore;
  readonly data: FilmsData;
};

/**
 * The recipe on real chest films. Stage 0 adapts perception with the vision tower open, Stage I teaches chains on described films without losing it, Stage II prefers the better
 * of the model's own answers on films; the four models answer films that none of them saw. Stopped at any moment, the next call goes on where it stood.
 */
export async function runFilms(settings: FilmsSettings): Promise<FilmsReport> {
  const clock = openWorkClock(join(settings.workspace, ".mede2", "seconds.json"));
  const onProgress = (progress: FilmsProgress) => {
    clock.tick();
    settings.onProgress?.(progress);
  };
  try {
    return await runStages({ ...settings, onProgress }, clock);
  } finally {
    clock.save();
  }
}

async function runStages(settings: FilmsSettings, clock: WorkClock): Promise<FilmsReport> {
  const context = await openFilms(settings);
  const { workspace, amounts, base, data, seed, threads } = context;
  const processor = await loadProcessor(base);
  const from = (model: string) => ({ workspace, model, processor, seed, threads });
  const stage0 = await train(context, "1-stage0", filmsStage0(from(base), amounts, data.answers), []);
  const stage1 = await train(context, "2-stage1", filmsStage1(from(stage0), amounts, data), ["1-stage0"]);
  const pairs = await pair(context, await sample(context, stage1));
  const stage2 = await train(context, "5-stage2", filmsStage2(from(stage1), amounts, pairs, data.bare), [
    "2-stage1",
    "4-pairs",
  ]);
  const checkpoints: Partial<Record<FilmsStage, string>> = { base, stage0, stage1, stage2 };
  const evaluated = new Map<string, EvaluatedFilms>();
  for (const [stage, styles] of asked)
    for (const style of styles)
      evaluated.set(`${stage} ${style}`, await evaluateOne(context, stage, style, checkpoints[stage]!));
  for (const control of settings.controls ?? []) {
    const rated = join(runFolder(workspace, "4-pairs"), "traces", ratedFile);
    const specialTokensIn = (text: string) => processor.tokenizer.specialTokensIn(text);
    const given = { from: from(stage1), amounts, pairs, bare: data.bare, rated, specialTokensIn };
    const plan = await filmsControlPlan(control, given);
    const checkpoint = await train(context, `7-${control}`, plan, ["2-stage1", "4-pairs"]);
    evaluated.set(`${control} reason`, await evaluateOne(context, control, "reason", checkpoint));
  }
  const report = await reportOf(context, evaluated, pairs, clock.seconds());
  await writeFileAtomic(join(workspace, "report.json"), `${JSON.stringify(report, null, 2)}\n`);
  return report;
}

async function openFilms(settings: FilmsSettings): Promise<Context> {
  const { workspace, source, quick = false, seed, developmentFold } = settings;
  const amounts = settings.amounts ?? filmsAmounts[quick ? "quick" : "full"];
  const base = settings.model ?? tinyFolder;
  await mkdir(workspace, { recursive: true });
  const claimed = {
    seed,
    amounts,
    developmentFold: developmentFold ?? null,
    weights: await weightsHash(base),
  };
  await claim(join(workspace, "films.json"), claimed);
  await recoverDirs(runsFolder(workspace));
  const store = openImageStore(join(workspace, defaultImageStore));
  settings.onProgress?.({ step: "data", done: 0, total: 1, unit: "imports" });
  const fold = developmentFold === undefined ? {} : { developmentFold };
  const data = await writeFilmsData({ workspace, source, store, amounts, seed, ...fold });
  const heldOut = join(workspace, heldOutFile);
  if (!existsSync(heldOut)) await writeJsonlAtomic(heldOut, data.heldOut, { schema: questionSchema });
  const training = join(workspace, trainingFile);
  if (!existsSync(training)) await writeJsonlAtomic(training, data.training, { schema: questionSchema });
  return { ...settings, amounts, base, store, data };
}

const ratedFile = "rated.candidates.jsonl";
const heldOutFile = "data/held-out.questions.jsonl";
const trainingFile = "data/training.questions.jsonl";

/** A workspace belongs to one choice of settings: files that are kept are never mixed with those of another. */
async function claim(path: string, settings: object): Promise<void> {
  const now = canonicalJson(JSON.parse(JSON.stringify(settings)));
  if (!existsSync(path)) return writeFileAtomic(path, `${now}\n`);
  if ((await readFile(path, "utf8")).trim() !== now)
    throw new TrainerError(
      "plan-changed",
      `${path} tells of a run on films with other settings or another base`,
      "choose another folder, or remove it",
    );
}

function progress({ onProgress }: Context, step: string) {
  return (done: number, total: number, unit: string) => onProgress?.({ step, done, total, unit });
}

const stopping = ({ signal }: Context) => (signal === undefined ? {} : { signal });

async function train(
  context: Context,
  id: string,
  plan: TrainingPlan,
  parents: readonly string[],
): Promise<string> {
  const { workspace, code } = context;
  const tell = progress(context, id);
  const { checkpoint } = await runPlan({
    workspace,
    id,
    plan,
    parents,
    code,
    ...stopping(context),
    onStep: (done, total) => tell(done, total, "steps"),
  });
  return checkpoint;
}

async function sample(context: Context, checkpoint: string): Promise<string> {
  const { workspace, amounts, seed, threads, store, code, data } = context;
  const { samples, temperature } = amounts.stage2;
  const sampling = { samples, temperature, topP: 1, maxTokens: amounts.maxTokens };
  const tell = progress(context, "3-sample");
  return runTask({
    workspace,
    id: "3-sample",
    code,
    parents: ["2-stage1"],
    plan: await taskPlan(context, "sample", trainingFile, {
      ...sampling,
      checkpoint: relative(workspace, checkpoint),
    }),
    summary: () => ({ questions: data.training.length }),
    work: async (dir, report) => {
      const out = join(dir, "traces", "films.candidates.jsonl");
      const model = await openLocalModel({ model: checkpoint, imageStore: store, threads, batch: 64 });
      try {
        await sampleCandidates({
          model,
          questions: data.training,
          style: promptStyles.reason,
          ...sampling,
          seed,
          stage: "stage1",
          checkpoint: relative(workspace, checkpoint),
          out,
          ...stopping(context),
          onProgress: (done, total) => {
            report(done, total, "films");
            tell(done, total, "films");
          },
        });
      } finally {
        await model.close();
      }
      return out;
    },
  });
}

async function pair(context: Context, candidates: string): Promise<FilmPairs> {
  const { workspace, seed, amounts, code } = context;
  const { tokenizer } = await loadProcessor(context.base);
  progress(context, "4-pairs")(0, 1, "files");
  return runTask<FilmPairs>({
    workspace,
    id: "4-pairs",
    code,
    parents: ["3-sample"],
    plan: await taskPlan(context, "pair", relative(workspace, candidates), { ...amounts.stage2.pairs }),
    summary: ({ count, bothRight, kinds, dropped }) => ({
      pairs: count,
      bothRight,
      kinds: { ...kinds },
      dropped: { ...dropped },
    }),
    work: (dir) =>
      writeFilmPairs(
        workspace,
        candidates,
        join(dir, "traces", ratedFile),
        { ...amounts.stage2.pairs, seed, plan: "films-stage2" },
        (text) => tokenizer.specialTokensIn(text),
      ),
  });
}

async function evaluateOne(
  context: Context,
  stage: FilmsStage,
  style: FilmsStyle,
  model: string,
): Promise<EvaluatedFilms> {
  const { workspace, amounts, threads, store, data, code } = context;
  const tell = progress(context, `6-evaluate ${stage}, ${style}`);
  return runTask({
    workspace,
    id: `6-evaluate-${stage}-${style}`,
    code,
    plan: await taskPlan(context, "evaluate", heldOutFile, { style, conditions: [...filmConditions] }),
    summary: ({ records }) => ({ answers: records.length }),
    work: (_, report) =>
      evaluateFilmModel({
        workspace,
        model,
        stage,
        style,
        films: data.heldOut,
        store,
        maxTokens: amounts.maxTokens,
        threads,
        ...stopping(context),
        onProgress: (done, total) => {
          report(done, total, "answers");
          tell(done, total, "answers");
        },
      }),
  });
}

async function taskPlan(
  { workspace, seed, threads }: Context,
  kind: TaskPlan["kind"],
  path: string,
  settings: NonNullable<TaskPlan["settings"]>,
): Promise<TaskPlan> {
  const sha256 = sha256Hex(await readFile(join(workspace, path)));
  const data = [{ path, sha256, split: kind === "evaluate" ? "test" : "stage2" }];
  return { record: "plan", v: 1, kind, recipe: `films-${kind}`, data, seed, threads, settings };
}

async function reportOf(
  context: Context,
  evaluated: ReadonlyMap<string, EvaluatedFilms>,
  { count, bothRight, kinds, dropped }: FilmPairs,
  seconds: number,
): Promise<FilmsReport> {
  const { workspace, data, seed, threads, amounts, developmentFold } = context;
  const labels = data.heldOut.map(filmLabel);
  const commonest = Math.max(
    ...["normal", "pneumonia"].map((name) => labels.filter((label) => label === name).length),
  );
  const trainingSeconds: Record<string, number> = {};
  for (const id of ["1-stage0", "2-stage1", "5-stage2"]) {
    const { state } = await readRun(runFolder(workspace, id));
    trainingSeconds[id] = Number((state.summary as { seconds?: number } | null)?.seconds ?? 0);
  }
  return {
    settings: {
      seed,
      threads,
      developmentFold: developmentFold ?? null,
      amounts,
      weights: await weightsHash(context.base),
    },
    films: {
      training: data.training.length,
      heldOut: data.heldOut.length,
      patients: new Set(data.heldOut.map(patientOf)).size,
      majority: commonest / labels.length,
    },
    rows: [...evaluated.values()].map((each) => filmsRow(data.heldOut, each)),
    comparisons: [
      ...compared,
      ...(context.controls ?? []).map((control) => [`${control} reason`, "stage2 reason"] as const),
    ].flatMap(([from, to]) => filmsComparisons(data.heldOut, evaluated.get(from)!, evaluated.get(to)!)),
    pairs: { count, bothRight, kinds, dropped },
    trainingSeconds,
    seconds,
  };
}
