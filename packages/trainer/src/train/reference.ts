import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { ImageStore } from "@mede2/images";
import type { ModelTokens } from "@mede2/nn";
import type { RunWriter } from "@mede2/runs";
import type { TrainingPlan } from "@mede2/schemas";
import type { Device } from "../device/device.ts";
import type { AnswerExample, Example, PairExample } from "../examples/example.ts";
import { imageReader } from "../model/image-reader.ts";
import { loadModel } from "../model/load-model.ts";
import type { ImagePath } from "../program/assemble.ts";
import { featureCache } from "../program/image-features.ts";
import type { ModelState } from "../program/model-state.ts";
import { fourBitKeys } from "../program/model-weights.ts";
import { createRowScorer, type RowScorer } from "../program/row-log-probs.ts";
import { TrainerError } from "../trainer-error.ts";
import { folderHash, keptScores, modelHash, scoresKey, type TwoScores } from "./kept-references.ts";
import type { Reference } from "./plan-batches.ts";
import type { AnswerReference } from "./planned-answer.ts";

export type ReferenceContext = {
  readonly workspace: string;
  readonly device: Device;
  /** The model as it is at the start, which is the reference unless the plan names another. */
  readonly model: ModelState;
  readonly store: ImageStore;
  readonly images: ImagePath;
  readonly pad: number;
  readonly writer: RunWriter;
};

/** Pairs that are scored between two signs of life. */
const chunk = 64;

/** log π_ref of every pair's answers, computed once for all trainings with this reference and data: the reference does not change. */
export async function referencesOf(
  plan: TrainingPlan,
  pairs: readonly PairExample[],
  context: ReferenceContext,
): Promise<Reference[]> {
  const sides = pairs.map(({ chosen, rejected }) => [chosen, rejected] as const);
  const scores = await scoreTwos(plan, sides, "reference pairs", context);
  return scores.map(([chosen, rejected]) => ({ chosen, rejected }));
}

/** The same of answers that are judged one by one, and of the mismatched ones beside them. */
export async function answerReferencesOf(
  plan: TrainingPlan,
  answers: readonly AnswerExample[],
  context: ReferenceContext,
): Promise<AnswerReference[]> {
  const sides = answers.map(({ example, mismatched }) => [example, mismatched] as const);
  const scores = await scoreTwos(plan, sides, "reference answers", context);
  return scores.map(([own, mismatched]) => ({ own, mismatched }));
}

async function scoreTwos(
  plan: TrainingPlan,
  twos: readonly (readonly [Example, Example])[],
  unit: string,
  context: ReferenceContext,
): Promise<TwoScores> {
  if (twos.length === 0) return [];
  const progress = (done: number) =>
    context.writer.append({ type: "progress", done, total: twos.length, unit });
  const { device, workspace } = context;
  const computed = [device.name, device.threads, plan.batch.size];
  const key = scoresKey(await referenceHash(plan, context), twos, computed);
  const { scores, known } = await keptScores(workspace, key, twos.length, async () => {
    const scorer = await referenceScorer(plan, context);
    const found: [number, number][] = [];
    for (let start = 0; start < twos.length; start += chunk) {
      const group = twos.slice(start, start + chunk);
      const both = await scorer.scoreTwos(group);
      found.push(...both.map(([own, other]): [number, number] => [own.logProb, other.logProb]));
      progress(found.length);
    }
    await scorer.release();
    return found;
  });
  if (known) progress(twos.length);
  return scores;
}

/** The model that the scores are of: as it is in memory, or as it lies in the folder that the plan names. */
async function referenceHash(plan: TrainingPlan, { workspace, model }: ReferenceContext): Promise<string> {
  if (plan.reference === undefined) return modelHash(model);
  const path = resolve(workspace, plan.reference);
  const own = await folderHash(path);
  return existsSync(join(path, "adapter_config.json"))
    ? `${own} ${await folderHash(resolve(workspace, plan.model))}`
    : own;
}

async function referenceScorer(plan: TrainingPlan, context: ReferenceContext): Promise<RowScorer> {
  const { device, workspace, pad, store } = context;
  const settings = { batch: plan.batch.size, pad };
  if (plan.reference === undefined) {
    const { model, images } = context;
    return createRowScorer(device, model, {
      config: model.config,
      shapes: model.shapes,
      ...fourBitKeys(model),
      images,
      ...settings,
    });
  }
  const path = resolve(workspace, plan.reference);
  const adapter = existsSync(join(path, "adapter_config.json"));
  const { state, folder } = adapter
    ? await loadModel(resolve(workspace, plan.model), path)
    : await loadModel(path);
  assertSameTokens(path, state, context.model);
  const features = featureCache(device, state, imageReader(store, await folder.processor()));
  return createRowScorer(device, state, {
    config: state.config,
    shapes: state.shapes,
    images: { kind: "kept", features },
    ...settings,
  });
}

/** The pairs are tokenised once, for the model that is trained: a reference must read the same ids. */
function assertSameTokens(path: string, { config }: ModelState, model: ModelState): void {
  const form = ({ text, tokens, ...rest }: ModelState["config"]) => {
    const vision = "vision" in rest ? rest.vision : undefined;
    return JSON.stringify([
      ...[text.vocab, (tokens as ModelTokens).image, vision?.patchSize],
      vision !== undefined && ("merge" in vision ? vision.merge : vision.spatialMerge),
    ]);
  };
  if (form(config) !== form(model.config))
    throw new TrainerError(
      "reference-differs",
      `the reference ${path} has another vocabulary or other image patches than the model that is trained`,
      "set reference to a model of the same family and tokenizer",
    );
}
