import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { openImageStore } from "@mede2/images";
import { loadProcessor } from "@mede2/nn";
import { defaultImageStore, runFolder } from "@mede2/runs";
import { type Question, questionSchema, readJsonl, sha256Hex } from "@mede2/schemas";
import { demoAmounts } from "../demo/amounts.ts";
import { type EvaluatedModel, evaluateModel, evaluationFolder } from "../demo/evaluate-model.ts";
import type { BuiltPairsFile } from "../demo/pairs-step.ts";
import type { DemoReport } from "../demo/report.ts";
import { runDemo } from "../demo/run-demo.ts";
import { controlArms } from "./arms.ts";
import type { ArmContext, ExperimentSettings } from "./experiment-settings.ts";
import { allArms } from "./study-arms.ts";

/** All answers of one base and one seed on the set held out by combination. */
export type UnitResult = {
  readonly base: string;
  readonly seed: number;
  readonly report: DemoReport;
  /** By arm, with the three models of the demo among them. */
  readonly models: Readonly<Record<string, EvaluatedModel>>;
};

/** The demo for one base and seed, then every control. Whatever is done already is read, not done again. */
export async function runUnit(
  settings: ExperimentSettings,
  base: ExperimentSettings["bases"][number],
  seed: number,
): Promise<UnitResult> {
  const workspace = join(settings.out, `${base.name}-seed-${seed}`);
  const name = `${base.name}, seed ${seed}`;
  const amounts = settings.amounts ?? demoAmounts.full;
  const { threads, code, signal } = settings;
  const stop = signal === undefined ? {} : { signal };
  const finished = join(workspace, "report.json");
  const report = existsSync(finished)
    ? (JSON.parse(await readFile(finished, "utf8")) as DemoReport)
    : await runDemo({
        workspace,
        quick: false,
        seed,
        threads,
        base: base.folder,
        amounts,
        code,
        ...stop,
        onProgress: ({ step, done, total }) => settings.onProgress?.(name, step, done, total),
      });
  const store = openImageStore(join(workspace, defaultImageStore));
  const questions = await readQuestions(join(workspace, "data/test-combination.questions.jsonl"));
  const context: ArmContext = {
    workspace,
    amounts,
    seed,
    threads,
    code,
    processor: await loadProcessor(base.folder),
    store,
    base: base.folder,
    stage1: await lastCheckpoint(runFolder(workspace, "1-stage1")),
    pairs: await pairsFile(workspace, report),
    rated: join(runFolder(workspace, "3-pairs"), "traces", "rated.candidates.jsonl"),
    cases: await readQuestions(join(workspace, "data/stage2.questions.jsonl")),
    ...stop,
  };
  const evaluateArm = (
    arm: string,
    model: string,
    style: "reason" | "direct",
    stage: "base" | "stage1" | "stage2",
    conditions: readonly ("real" | "blank" | "swapped")[],
  ) =>
    evaluateModel({
      model,
      stage,
      questions,
      style,
      conditions,
      task: "ward-combination",
      out: evaluationFolder(workspace, arm, "combination"),
      store,
      threads,
      ...stop,
      onProgress: (done, total) => settings.onProgress?.(name, `evaluating ${arm}`, done, total),
    });
  const models: Record<string, EvaluatedModel> = {};
  const all = ["real", "blank", "swapped"] as const;
  models.base = await evaluateArm("base", base.folder, report.settings.basePrompt, "base", all);
  models.stage1 = await evaluateArm("stage1", context.stage1, "reason", "stage1", all);
  models.stage2 = await evaluateArm(
    "stage2",
    await lastCheckpoint(runFolder(workspace, "4-stage2")),
    "reason",
    "stage2",
    all,
  );
  const wanted = settings.arms ?? controlArms.map((arm) => arm.name);
  const armed = (settings.controlSeeds ?? settings.seeds).includes(seed);
  for (const arm of armed ? allArms.filter((each) => wanted.includes(each.name)) : []) {
    settings.onProgress?.(name, arm.name, 0, 1);
    const checkpoint = await arm.train(context);
    models[arm.name] = await evaluateArm(arm.name, checkpoint, arm.style, arm.against, ["real", "swapped"]);
  }
  return { base: base.name, seed, report, models };
}

async function readQuestions(path: string): Promise<Question[]> {
  const questions: Question[] = [];
  for await (const question of readJsonl(path, questionSchema)) questions.push(question);
  return questions;
}

async function lastCheckpoint(runDir: string): Promise<string> {
  const names = (await readdir(join(runDir, "checkpoints")))
    .filter((name) => name.startsWith("step-"))
    .sort();
  return join(runDir, "checkpoints", names.at(-1)!);
}

async function pairsFile(workspace: string, report: DemoReport): Promise<BuiltPairsFile> {
  const path = "data/stage2.pairs.jsonl";
  return { path, sha256: sha256Hex(await readFile(join(workspace, path))), ...report.pairs };
}
