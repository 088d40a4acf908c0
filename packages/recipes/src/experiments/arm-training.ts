import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { makeTrace } from "@mede2/answers";
import { type WardCase, wardDirectAnswer, wardQuestion } from "@mede2/data";
import type { PairSettingsInput, Rubric } from "@mede2/preference";
import {
  type Candidates,
  type Demonstration,
  demonstrationSchema,
  type ImageRef,
  readJsonl,
  sha256Hex,
  type TrainingPlan,
  withId,
  writeJsonlAtomic,
} from "@mede2/schemas";
import { chosenPlan, type StagePlanSettings, stage2Plan } from "../demo/demo-plans.ts";
import {
  type FindSpecialTokens,
  readCandidates,
  writeOwnDemonstrations,
  writePairs,
} from "../demo/pairs-step.ts";
import { runPlan } from "../run-plan.ts";
import type { ArmContext } from "./experiment-settings.ts";

type DataFile = StagePlanSettings["data"];

/** Settings of a plan from what a finished demo gives. */
export function planSettings(context: ArmContext, model: string, data: DataFile): StagePlanSettings {
  const { workspace, processor, seed, threads } = context;
  return { workspace, processor, seed, threads, model, data };
}

/** Runs the plan of an arm, or takes over the run that is there. Returns its last checkpoint. */
export async function trainArm(context: ArmContext, name: string, plan: TrainingPlan): Promise<string> {
  const { workspace, code, signal } = context;
  const stop = signal === undefined ? {} : { signal };
  const { checkpoint } = await runPlan({ workspace, id: `arm-${name}`, plan, code, ...stop });
  return checkpoint;
}

/** Fine-tunes Stage I on its own answers, with the steps and rate of the preference stage. */
export async function trainOnOwnAnswers(
  context: ArmContext,
  name: string,
  source: Parameters<typeof writeOwnDemonstrations>[2],
): Promise<string> {
  const data = await writeOwnDemonstrations(context.workspace, name, source);
  return trainArm(context, name, chosenPlan(planSettings(context, context.stage1, data), `arm-${name}`));
}

export const specialTokens =
  ({ processor }: ArmContext): FindSpecialTokens =>
  (text) =>
    processor.tokenizer.specialTokensIn(text);

/** Trains Stage II on other pairs of the same rated answers. */
export async function trainOnPairs(
  context: ArmContext,
  name: string,
  settings: PairSettingsInput,
  {
    rated,
    model = context.stage1,
    rubric,
  }: {
    /** Default: the rated answers of the demo. */
    readonly rated?: readonly Candidates[];
    readonly model?: string;
    /** Whose floors count; default: MMRP's. */
    readonly rubric?: Rubric;
  } = {},
): Promise<string> {
  const data = await writePairs(
    context.workspace,
    rated ?? (await readCandidates(context.rated)),
    name,
    { seed: context.seed, plan: name, ...settings },
    specialTokens(context),
    rubric,
  );
  return trainArm(context, name, stage2Plan(planSettings(context, model, data)));
}

/** Without the answers to swapped pictures. */
export const sampledOnly = (one: Candidates): Candidates => ({
  ...one,
  traces: one.traces.filter((trace) => !("negative" in trace)),
});

/** Bare answers to cases as demonstrations: beside their pictures, or in words where no picture is given. */
export async function writeDirectDemonstrations(
  { workspace }: ArmContext,
  name: string,
  cases: readonly WardCase[],
  imageOf?: (each: WardCase) => Promise<ImageRef>,
): Promise<DataFile> {
  const path = join("data", `${name}.demonstrations.jsonl`);
  const absolute = join(workspace, path);
  if (!existsSync(absolute)) {
    const records: Demonstration[] = [];
    for (const each of cases) records.push(directDemonstration(each, await imageOf?.(each)));
    await writeJsonlAtomic(absolute, records, { schema: demonstrationSchema });
  }
  return { path, sha256: sha256Hex(await readFile(absolute)) };
}

function directDemonstration(each: WardCase, imageRef: ImageRef | undefined): Demonstration {
  const question = wardQuestion(
    each,
    imageRef === undefined ? { form: "text" } : { form: "image", imageRef },
  );
  const trace = makeTrace({
    question,
    by: { kind: "template", name: "ward-direct" },
    stage: null,
    images: imageRef === undefined ? "none" : "real",
    promptHash: sha256Hex(question.stem),
    sample: null,
    text: wardDirectAnswer(each),
    finish: "stop",
    tokens: { prompt: 0, completion: 0 },
  });
  return withId({
    record: "demonstration" as const,
    v: 1 as const,
    question,
    trace,
    orchestration: { name: "ward-direct", version: "1" },
    checks: [],
  });
}

/** The first part of Stage I's demonstrations, which stand in no order. */
export async function writeFewerDemonstrations(
  { workspace }: ArmContext,
  name: string,
  share: number,
): Promise<DataFile> {
  const all: Demonstration[] = [];
  const from = join(workspace, "data", "stage1.demonstrations.jsonl");
  for await (const each of readJsonl(from, demonstrationSchema)) all.push(each);
  const path = join("data", `${name}.demonstrations.jsonl`);
  await writeJsonlAtomic(join(workspace, path), all.slice(0, Math.round(all.length * share)), {
    schema: demonstrationSchema,
  });
  return { path, sha256: sha256Hex(await readFile(join(workspace, path))) };
}
