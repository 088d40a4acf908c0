import { join, resolve } from "node:path";
import { openImageStore } from "@mede2/images";
import type { AdamWSettings, ScheduleSettings } from "@mede2/nn";
import { type RunWriter, runPlaces } from "@mede2/runs";
import { planHash, type RunManifest, type TrainingPlan } from "@mede2/schemas";
import { openCpuDevice } from "../device/cpu.ts";
import type { Encoder } from "../examples/encode-example.ts";
import { imageReader } from "../model/image-reader.ts";
import { loadModel } from "../model/load-model.ts";
import { mergedModel } from "../model/merged.ts";
import type { ImagePath } from "../program/assemble.ts";
import { featureCache } from "../program/image-features.ts";
import { newOptimiserState, type OptimiserState } from "../program/model-state.ts";
import { createRowScorer, type RowScorer } from "../program/row-log-probs.ts";
import { createStepper, type Stepper } from "../program/stepper.ts";
import { TrainerError } from "../trainer-error.ts";
import { checkPlan } from "./check-plan.ts";
import {
  checkpointName,
  type FoundCheckpoint,
  pruneCheckpoints,
  readOptimiser,
  writeCheckpoint,
} from "./checkpoint.ts";
import { evaluateLoss } from "./evaluate-loss.ts";
import { type PlannedObjective, plannedObjective } from "./objective.ts";
import { epochBatches } from "./order.ts";
import {
  type BatchContext,
  type PlannedStep,
  preferenceStep,
  type Reference,
  supervisedStep,
} from "./plan-batches.ts";
import { planSchedule } from "./plan-schedule.ts";
import { referencesOf } from "./reference.ts";
import { restoreWeights } from "./restore-weights.ts";
import { writeSamples } from "./sample-traces.ts";
import { addLoraFactors, loraModules, loraSettings, sizesOf, trainedShapes } from "./trained-keys.ts";
import { readTrainingData, type TrainingData } from "./training-data.ts";

/** A run that is ready to take steps, at its beginning or where its checkpoint stood. */
export type TrainingSession = {
  readonly plan: TrainingPlan;
  readonly objective: PlannedObjective;
  readonly schedule: ScheduleSettings;
  readonly stepsPerEpoch: number;
  readonly stepper: Stepper;
  readonly optimiser: OptimiserState;
  /** Seconds of training so far, over all attempts, and a learning rate set by request. */
  readonly carried: { seconds: number; learningRate: number | undefined };
  /** The batches of step `step`, counted from 0. */
  prepare(step: number): Promise<PlannedStep>;
  evaluate(): Promise<void>;
  sample(): Promise<void>;
  /** Writes a checkpoint and returns its folder. */
  save(): Promise<string>;
  release(): Promise<void>;
};

export async function openTrainingSession(
  writer: RunWriter,
  manifest: RunManifest,
  workspace: string,
  found: FoundCheckpoint | undefined,
): Promise<TrainingSession> {
  const plan = manifest.plan as TrainingPlan;
  const hash = planHash(plan);
  if (found !== undefined && found.state.planHash !== hash)
    throw new TrainerError(
      "plan-changed",
      `${found.folder} was written under another plan`,
      "start a new run with the new plan",
    );
  const objective = plannedObjective(plan.loss);
  const device = await openCpuDevice(plan.threads);
  const base = resolve(workspace, plan.model);
  const { state: model, folder } = await loadModel(
    base,
    plan.adapter === undefined ? undefined : resolve(workspace, plan.adapter),
  );
  const encoder: Encoder = { config: model.config, processor: await folder.processor() };
  checkPlan(plan, encoder);
  const lora = plan.lora === undefined ? undefined : loraSettings(plan.lora);
  const modules = lora === undefined ? undefined : loraModules(model, lora);
  const trained = trainedShapes(plan, model, modules);
  const data = await readTrainingData(plan, workspace, encoder);
  const store = openImageStore(resolve(workspace, manifest.imageStore));
  const read = imageReader(store, encoder.processor);
  const towerTrained = [...trained.keys()].some((key) => key.startsWith("visual."));
  const images: ImagePath = towerTrained
    ? { kind: "tower", read }
    : { kind: "kept", features: featureCache(device, model, read) };
  const { padId: pad } = encoder.processor.tokenizer;
  const context: BatchContext = {
    model,
    images,
    pad,
    size: plan.batch.size,
    recompute: plan.settings?.recompute === true,
  };
  const graph = { config: model.config, shapes: model.shapes, ...(lora === undefined ? {} : { lora }) };
  const references =
    plan.kind === "preference"
      ? await referencesOf(plan, data.pairs, { workspace, device, model, store, images, pad, writer })
      : [];
  if (lora !== undefined && modules !== undefined) addLoraFactors(model, lora, modules, plan.seed);
  const optimiser = newOptimiserState(sizesOf(trained));
  if (found !== undefined) {
    await restoreWeights(found.folder, model, modules);
    readOptimiser(found.folder, optimiser, found.state.step);
  }
  const carried = { seconds: found?.state.seconds ?? 0, learningRate: found?.state.learningRate };
  const stepper = createStepper(
    device,
    model,
    {
      ...graph,
      objective: objective.objective,
      optimiser: adamWSettings(plan),
      trains: (key) => trained.has(key),
    },
    trained,
  );
  const scorer = createRowScorer(device, model, { ...graph, batch: plan.batch.size, pad, images });
  const lengths = lengthsOf(plan, data);
  const perStep = plan.batch.size * plan.batch.accumulation;
  const stepsPerEpoch = Math.ceil(lengths.length / perStep);
  return {
    plan,
    objective,
    schedule: planSchedule(plan, stepsPerEpoch),
    stepsPerEpoch,
    stepper,
    optimiser,
    carried,
    prepare: stepPreparer(plan, data, references, lengths, objective.nllWeight, context),
    evaluate: () => evaluate(writer, data, scorer, optimiser.step),
    sample: () =>
      writeSamples(writer, optimiser.step, {
        device,
        model: lora === undefined || modules === undefined ? model : mergedModel(model, lora, modules),
        encoder,
        images,
        questions: data.questions,
        plan,
      }),
    async save() {
      const name = checkpointName(optimiser.step);
      const path = join(runPlaces.checkpoints(writer.dir), name);
      const written = await writeCheckpoint(path, {
        model,
        optimiser,
        planHash: hash,
        seconds: carried.seconds,
        ...(carried.learningRate === undefined ? {} : { learningRate: carried.learningRate }),
        base,
        ...(lora === undefined || modules === undefined ? {} : { adapter: { settings: lora, modules } }),
      });
      writer.append({
        type: "checkpoint-saved",
        step: optimiser.step,
        path: `checkpoints/${name}`,
        ...written,
      });
      await pruneCheckpoints(runPlaces.checkpoints(writer.dir), plan.batch.keepCheckpoints ?? 2);
      return path;
    },
    async release() {
      await stepper.release();
      await scorer.release();
    },
  };
}

function adamWSettings({ optimiser }: TrainingPlan): AdamWSettings {
  const [first, second] = optimiser.betas as [number, number];
  return {
    betas: [first, second],
    epsilon: optimiser.epsilon,
    weightDecay: optimiser.weightDecay,
    clipNorm: optimiser.clipNorm,
  };
}

function lengthsOf(plan: TrainingPlan, data: TrainingData): number[] {
  return plan.kind === "preference"
    ? data.pairs.map(({ chosen, rejected }) => Math.max(chosen.tokens.length, rejected.tokens.length))
    : data.train.map((each) => each.tokens.length);
}

function stepPreparer(
  plan: TrainingPlan,
  data: TrainingData,
  references: readonly Reference[],
  lengths: readonly number[],
  nllWeight: number,
  context: BatchContext,
): (step: number) => Promise<PlannedStep> {
  const perStep = plan.batch.size * plan.batch.accumulation;
  const stepsPerEpoch = Math.ceil(lengths.length / perStep);
  let current: { epoch: number; batches: number[][] } | undefined;
  return (step) => {
    const epoch = Math.floor(step / stepsPerEpoch);
    if (current?.epoch !== epoch)
      current = { epoch, batches: epochBatches(lengths, perStep, plan.seed, epoch) };
    const indices = current.batches[step % stepsPerEpoch]!;
    if (plan.kind !== "preference")
      return supervisedStep(
        indices.map((i) => data.train[i]!),
        context,
      );
    return preferenceStep(
      indices.map((i) => data.pairs[i]!),
      indices.map((i) => references[i]!),
      nllWeight,
      context,
    );
  };
}

async function evaluate(
  writer: RunWriter,
  data: TrainingData,
  scorer: RowScorer,
  step: number,
): Promise<void> {
  if (data.evaluation.length === 0) return;
  const metrics = await evaluateLoss(data.evaluation, scorer);
  writer.append({ type: "evaluation-end", step, task: "held-out-loss", metrics });
}
