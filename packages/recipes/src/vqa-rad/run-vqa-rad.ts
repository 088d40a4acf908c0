import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { evaluate, type Summary } from "@mede2/eval";
import { type ImageStore, openImageStore } from "@mede2/images";
import { promptStyles } from "@mede2/llm";
import { loadProcessor, type Processor } from "@mede2/nn";
import { buildPairs, scoreCandidates, textRubric } from "@mede2/preference";
import { defaultImageStore, recoverDirs, runsFolder } from "@mede2/runs";
import {
  type Candidates,
  candidatesSchema,
  canonicalJson,
  preferencePairSchema,
  readJsonl,
  sha256Hex,
  type TrainingPlan,
  writeFileAtomic,
  writeJsonlAtomic,
} from "@mede2/schemas";
import { createRandom } from "@mede2/stats";
import { openLocalModel } from "@mede2/trainer";
import { weightsHash } from "../films/weights-hash.ts";
import { type RunPlanSettings, runPlan } from "../run-plan.ts";
import { sampleCandidates } from "../sample-candidates.ts";
import { tinyFolder } from "../tiny/tiny-folder.ts";
import { type PairsFile, type VqaRadData, writeVqaRadData } from "./vqa-rad-data.ts";
import { vqaRadStage0, vqaRadStage2 } from "./vqa-rad-plans.ts";
import { type VqaRadAmounts, vqaRadAmounts } from "./vqa-rad-settings.ts";

export type VqaRadSettings = {
  /** What is done in it already is not done again. */
  readonly workspace: string;
  /** Folders of VQA-RAD and of MMedPO, as published. */
  readonly vqaRad: string;
  readonly mmedpo: string;
  /** Folder of the base; default the shipped Tiny. */
  readonly model?: string;
  readonly seed: number;
  readonly threads: number;
  readonly quick?: boolean;
  readonly amounts?: VqaRadAmounts;
  readonly code: RunPlanSettings["code"];
  readonly signal?: AbortSignal;
  readonly onProgress?: (step: string, done: number, total: number) => void;
};

/** The models that are compared, in order. */
export const vqaRadStages = ["base", "stage0", "stage2-mmedpo", "stage2-own"] as const;
export type VqaRadStage = (typeof vqaRadStages)[number];

export type VqaRadReport = {
  readonly settings: { readonly seed: number; readonly amounts: VqaRadAmounts; readonly weights: string };
  readonly questions: { readonly training: number; readonly heldOut: number };
  readonly pairs: { readonly mmedpo: PairsFile; readonly own: PairsFile };
  /** On the held-out pictures, by stage: a summary for each condition of the images. */
  readonly results: Readonly<Record<VqaRadStage, readonly Summary[]>>;
  /** Folders that `mede2 compare` and `mede2 report` take. */
  readonly evaluations: readonly string[];
};

type Context = VqaRadSettings & {
  readonly amounts: VqaRadAmounts;
  readonly store: ImageStore;
  readonly processor: Processor;
  readonly data: VqaRadData;
};

/**
 * VQA-RAD, split by picture, and the published pairs of MMedPO. Stage 0 learns the published answers; two Stage II branch off from it: one on the pairs of MMedPO whose picture is
 * not held out, one on pairs of right and wrong answers that the model itself gave. There are no chains in either source, so there is no Stage I and nothing for the
 * process to be judged by. All models answer the questions on held-out pictures. Stopped at any moment, the next call goes on where it stood.
 */
export async function runVqaRad(settings: VqaRadSettings): Promise<VqaRadReport> {
  const context = await open(settings);
  const { workspace, amounts, data, processor, seed, threads } = context;
  const base = settings.model ?? tinyFolder;
  const from = (model: string) => ({ workspace, model, processor, seed, threads });
  const stage0 = await train(context, "1-stage0", vqaRadStage0(from(base), amounts, data.answers));
  const own = await ownPairs(context, stage0);
  const second = (id: string, pairs: PairsFile) =>
    train(context, id, vqaRadStage2(from(stage0), amounts, pairs, id.slice(2)), ["1-stage0"]);
  const checkpoints: Record<VqaRadStage, string> = {
    base,
    stage0,
    "stage2-mmedpo": await second("2-stage2-mmedpo", data.mmedpo),
    "stage2-own": await second("3-stage2-own", own),
  };
  const results: Partial<Record<VqaRadStage, readonly Summary[]>> = {};
  for (const stage of vqaRadStages) results[stage] = await evaluateStage(context, stage, checkpoints[stage]);
  const report: VqaRadReport = {
    settings: { seed, amounts, weights: await weightsHash(base) },
    questions: { training: data.training.length, heldOut: data.heldOut.length },
    pairs: { mmedpo: data.mmedpo, own },
    results: results as VqaRadReport["results"],
    evaluations: vqaRadStages.map((stage) => join("evaluations", stage)),
  };
  await writeFileAtomic(join(workspace, "report.json"), `${JSON.stringify(report, null, 2)}\n`);
  return report;
}

async function open(settings: VqaRadSettings): Promise<Context> {
  const { workspace, quick = false, seed, vqaRad, mmedpo } = settings;
  const amounts = settings.amounts ?? vqaRadAmounts[quick ? "quick" : "full"];
  const base = settings.model ?? tinyFolder;
  await mkdir(workspace, { recursive: true });
  const claim = canonicalJson(
    JSON.parse(JSON.stringify({ seed, amounts, weights: await weightsHash(base) })),
  );
  const path = join(workspace, "vqa-rad.json");
  if (!existsSync(path)) await writeFileAtomic(path, `${claim}\n`);
  else if ((await readFile(path, "utf8")).trim() !== claim)
    throw new Error(`${path} tells of a run with other settings or another base; choose another folder`);
  await recoverDirs(runsFolder(workspace));
  const store = openImageStore(join(workspace, defaultImageStore));
  const processor = await loadProcessor(base);
  settings.onProgress?.("data", 0, 1);
  const data = await writeVqaRadData({
    ...{ workspace, vqaRad, mmedpo, store, pairs: amounts.pairs },
    specialTokensIn: (text) => processor.tokenizer.specialTokensIn(text),
    tokens: (text) => processor.tokenizer.encode(text).length,
  });
  return { ...settings, amounts, store, processor, data };
}

async function train(
  { workspace, code, signal, onProgress }: Context,
  id: string,
  plan: TrainingPlan,
  parents: readonly string[] = [],
): Promise<string> {
  const { checkpoint } = await runPlan({
    ...{ workspace, id, plan, parents, code },
    ...(signal === undefined ? {} : { signal }),
    onStep: (done, total) => onProgress?.(id, done, total),
  });
  return checkpoint;
}

/** Answers that the model gave to closed training questions, paired right over wrong: bare answers have no reasoning that MMRP could weigh. */
async function ownPairs(context: Context, checkpoint: string): Promise<PairsFile> {
  const { workspace, amounts, data, seed, threads, store, signal, onProgress, processor } = context;
  const { questions: count, ...sampling } = amounts.own;
  const closed = createRandom(`${seed}/own`)
    .shuffled(data.training.filter(({ options }) => options.length > 0))
    .slice(0, count);
  const candidates = join(workspace, "data/own.candidates.jsonl");
  const model = await openLocalModel({ model: checkpoint, imageStore: store, threads, batch: 64 });
  try {
    await sampleCandidates({
      ...{ model, questions: closed, style: promptStyles.direct, ...sampling, topP: 1, seed },
      ...{ maxTokens: amounts.maxTokens, stage: "stage0", out: candidates },
      checkpoint: relative(workspace, checkpoint),
      ...(signal === undefined ? {} : { signal }),
      onProgress: (done, total) => onProgress?.("sample", done, total),
    });
  } finally {
    await model.close();
  }
  const rated: Candidates[] = [];
  let unfit = 0;
  for await (const one of scoreCandidates(readJsonl(candidates, candidatesSchema), { rubric: textRubric })) {
    const traces = one.traces.filter(({ text }) => processor.tokenizer.specialTokensIn(text).length === 0);
    unfit += one.traces.length - traces.length;
    rated.push({ ...one, traces });
  }
  const settings = { seed, plan: "vqa-rad-stage2", outcomeOnly: true, perCase: 1, weight: "equal" as const };
  const { pairs, dropped } = buildPairs(rated, settings, textRubric);
  const path = "data/stage2-own.pairs.jsonl";
  await writeJsonlAtomic(join(workspace, path), pairs, { schema: preferencePairSchema });
  const sha256 = sha256Hex(await readFile(join(workspace, path)));
  return { path, sha256, count: pairs.length, dropped: { ...dropped, "special-token": unfit } };
}

async function evaluateStage(
  { workspace, data, store, threads, amounts, seed, signal, onProgress }: Context,
  stage: VqaRadStage,
  checkpoint: string,
): Promise<readonly Summary[]> {
  const model = await openLocalModel({ model: checkpoint, imageStore: store, threads, batch: 64 });
  try {
    const { summaries } = await evaluate({
      ...{ questions: data.heldOut, model, store, seed, task: "vqa-rad-disjoint" },
      ...{ conditions: ["real", "blank", "swapped"], style: promptStyles.direct },
      sampling: { temperature: 0, topP: 1, maxTokens: amounts.maxTokens },
      ...{ out: join(workspace, "evaluations", stage), cluster: "image", by: ["type", "modality"] },
      stage: stage.startsWith("stage2") ? "stage2" : stage === "stage0" ? "stage0" : "base",
      ...(signal === undefined ? {} : { signal }),
      onProgress: ({ done, total }) => onProgress?.(`evaluate ${stage}`, done, total),
    });
    return summaries;
  } finally {
    await model.close();
  }
}
