import { join, resolve } from "node:path";
import { openImageStore } from "@mede2/images";
import type { ScheduleSettings } from "@mede2/nn";
import { type RunWriter, runPlaces } from "@mede2/runs";
import {
  isTrainingPlan,
  planHash,
  type RunManifest,
  type TrainingPlan,
  trainingLockOf,
} from "@mede2/schemas";
import { openDevice } from "../device/open-device.ts";
import { imageReader } from "../model/image-reader.ts";
import type { ImagePath } from "../program/assemble.ts";
import { featureCache } from "../program/image-features.ts";
import { type OptimiserState, optimiserStateFor } from "../program/model-state.ts";
import { fourBitKeys } from "../program/model-weights.ts";
import type { OptimiserSettings } from "../program/optimiser-settings.ts";
import { createRowScorer } from "../program/row-log-probs.ts";
import { createStepper, type Stepper } from "../program/stepper.ts";
import { TrainerError } from "../trainer-error.ts";
import { checkpointName, readOptimiser, type TrainerState, writeCheckpoint } from "./checkpoint.ts";
import { evaluateHeldOut } from "./evaluate.ts";
import { type FoundCheckpoint, pruneCheckpoints } from "./find-checkpoint.ts";
import { checkpointBytes, makeRoom } from "./make-room.ts";
import { type PlannedObjective, plannedObjective } from "./objective.ts";
import type { PlannedStep } from "./plan-batches.ts";
import { planSchedule } from "./plan-schedule.ts";
import { plannedMemory } from "./planned-memory.ts";
import { answerReferencesOf, referencesOf } from "./reference.ts";
import { restoreWeights } from "./restore-weights.ts";
import { writeSamples } from "./sample-traces.ts";
import { seeAllImages } from "./see-images.ts";
import { type RunningMean, withShift } from "./shift.ts";
import { type StartingModel, startingModel, wholeModel } from "./starting-model.ts";
import { stepPreparer } from "./step-preparer.ts";
import { readTrainingData } from "./training-data.ts";
import { startAverage } from "./weight-average.ts";

/** What goes on from attempt to attempt: seconds of training so far, a learning rate set by request, the first and latest loss. */
export type Carried = {
  seconds: number;
  learningRate: number | undefined;
  loss: { first?: number; last?: number };
  rewardMean: RunningMean;
};

/** A run that is ready to take steps, at its beginning or where its checkpoint stood. */
export type TrainingSession = {
  readonly plan: TrainingPlan;
  readonly objective: PlannedObjective;
  readonly schedule: ScheduleSettings;
  readonly stepsPerEpoch: number;
  readonly stepper: Stepper;
  readonly optimiser: OptimiserState;
  readonly carried: Carried;
  /** The batches of step `step`, counted from 0. */
  prepare(step: number): Promise<PlannedStep>;
  /** Adds what depends on the weights as they are when the step is taken: the shift of a loss on single answers. */
  complete(planned: PlannedStep): Promise<PlannedStep>;
  /** To be called after each step: moves the average of the weights on. */
  average(): void;
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
  const plan = trainingPlan(manifest);
  const hash = planHash(plan);
  if (found !== undefined && found.state.planHash !== hash)
    throw new TrainerError(
      "plan-changed",
      `${found.folder} was written under another plan`,
      "start a new run with the new plan",
    );
  const objective = plannedObjective(plan.loss);
  const start = await startingModel(plan, workspace);
  const { model, encoder, adapter, trained } = start;
  const device = await openDevice(plan.device, plan.threads);
  const store = openImageStore(resolve(workspace, manifest.imageStore));
  const data = await readTrainingData(plan, workspace, {
    encoder,
    maxTokens: plan.batch.maxTokens,
    hasImage: (sha256) => store.has(sha256),
  });
  const read = imageReader(store, encoder.processor);
  const features = start.trainsTower ? undefined : featureCache(device, model, read);
  const images: ImagePath = features === undefined ? { kind: "tower", read } : { kind: "kept", features };
  await seeAllImages(writer, images, data);
  const { padId: pad } = encoder.processor.tokenizer;
  const { size } = plan.batch;
  const graph = {
    config: model.config,
    shapes: model.shapes,
    ...(adapter === undefined ? {} : { lora: adapter.settings }),
    ...fourBitKeys(model),
  };
  // before a checkpoint is restored: the reference is the model as it was at the start
  const policy = plan.adapter === undefined ? model : wholeModel(start);
  const reference = { workspace, device, model: policy, store, images, pad, writer };
  const references = await referencesOf(plan, data.pairs, reference);
  const answerReferences = await answerReferencesOf(plan, data.answers, reference);
  const evaluationReferences = {
    pairs: await referencesOf(plan, data.evaluationPairs, reference),
    answers: await answerReferencesOf(plan, data.evaluationAnswers, reference),
  };
  const update = optimiserSettings(plan);
  const optimiser = optimiserStateFor(trained, update);
  if (found !== undefined) {
    await restoreWeights(found.folder, model, adapter?.modules);
    readOptimiser(found.folder, optimiser, found.state.step);
  }
  const ema = plan.ema === undefined ? undefined : startAverage(plan.ema.decay, model, trained);
  if (ema !== undefined && found !== undefined && optimiser.step > 0)
    await restoreWeights(join(found.folder, "ema"), ema.model, adapter?.modules);
  const carried = carriedFrom(found?.state);
  const stepper = createStepper(
    device,
    model,
    {
      ...graph,
      objective: objective.objective,
      optimiser: update,
      trains: (key) => trained.has(key),
      rate: (key) => (key.endsWith(".lora_B") ? (plan.lora?.bRate ?? 1) : 1),
      ...plannedMemory(plan.settings),
    },
    trained,
  );
  const scorer = createRowScorer(device, model, { ...graph, batch: size, pad, images });
  const context = { model, images, pad, size, packing: plan.settings?.packing === true };
  const { stepsPerEpoch, prepare } = stepPreparer(
    ...([plan, data, references, objective, context, answerReferences] as const),
  );
  const averageScorer =
    ema === undefined
      ? undefined
      : createRowScorer(device, ema.model, { ...graph, batch: size, pad, images });
  // what has no room at its end is not begun
  await makeRoom(writer, workspace, checkpointBytes(start, optimiser, ema !== undefined));
  return {
    plan,
    objective,
    schedule: planSchedule(plan, stepsPerEpoch),
    stepsPerEpoch,
    stepper,
    optimiser,
    carried,
    prepare,
    async complete(planned) {
      if (objective.answers === undefined) return planned;
      const beta = Number(planned.batches[0]?.feeds.beta?.data[0] ?? objective.beta);
      return withShift(planned, objective.answers.shift, beta, scorer, carried.rewardMean);
    },
    average: () => ema?.move(optimiser.step),
    async evaluate() {
      const { step } = optimiser;
      await evaluateHeldOut(writer, step, data, evaluationReferences, objective.beta, scorer);
      if (averageScorer === undefined) return;
      await evaluateHeldOut(
        ...([
          writer,
          step,
          data,
          evaluationReferences,
          objective.beta,
          averageScorer,
          "-of-average",
        ] as const),
      );
    },
    sample: () =>
      writeSamples(writer, optimiser.step, {
        device,
        model: wholeModel(start),
        encoder,
        images,
        questions: data.questions,
        plan,
      }),
    async save() {
      await makeRoom(writer, workspace, checkpointBytes(start, optimiser, ema !== undefined));
      return save(writer, start, plan, hash, optimiser, carried, ema?.weights);
    },
    async release() {
      await stepper.release();
      await scorer.release();
      await averageScorer?.release();
      await features?.release();
    },
  };
}

function trainingPlan({ plan }: RunManifest): TrainingPlan {
  if (isTrainingPlan(plan)) return plan;
  throw new TrainerError(
    "plan-kind",
    `a plan of kind ${plan.kind} does not train`,
    "run it with its command",
  );
}

function carriedFrom(state: TrainerState | undefined): Carried {
  return {
    seconds: state?.seconds ?? 0,
    learningRate: state?.learningRate,
    loss: { ...state?.loss },
    rewardMean: { ...(state?.rewardMean ?? { mean: 0, count: 0 }) },
  };
}

export function optimiserSettings({ optimiser }: TrainingPlan): OptimiserSettings {
  const [first, second] = optimiser.betas as [number, number];
  return {
    betas: [first, second],
    epsilon: optimiser.epsilon,
    weightDecay: optimiser.weightDecay,
    clipNorm: optimiser.clipNorm,
    ...(optimiser.name === "muon" ? { muon: { momentum: optimiser.momentum ?? 0.95 } } : {}),
    ...(optimiser.name === "adamw-8bit" ? { eightBit: true } : {}),
    ...(optimiser.name === "adafactor"
      ? {
          adafactor: {
            decay: optimiser.decay ?? 0.8,
            updateClip: optimiser.updateClip ?? 1,
            scaleParameter: optimiser.scaleParameter ?? false,
          },
        }
      : {}),
  };
}

/** Writes a checkpoint, says so, and removes those that are too many. */
async function save(
  writer: RunWriter,
  { model, base, adapter }: StartingModel,
  plan: TrainingPlan,
  hash: string,
  optimiser: OptimiserState,
  { seconds, learningRate, loss, rewardMean }: Carried,
  ema: ReadonlyMap<string, Float32Array> | undefined,
): Promise<string> {
  const name = checkpointName(optimiser.step);
  const folder = runPlaces.checkpoints(writer.dir);
  const written = await writeCheckpoint(join(folder, name), {
    model,
    optimiser,
    planHash: hash,
    lock: trainingLockOf(plan),
    seconds,
    ...(learningRate === undefined ? {} : { learningRate }),
    loss: { ...loss },
    ...(rewardMean.count === 0 ? {} : { rewardMean: { ...rewardMean } }),
    ...(ema === undefined ? {} : { ema }),
    base,
    ...(adapter === undefined ? {} : { adapter }),
  });
  writer.append({ type: "checkpoint-saved", step: optimiser.step, path: `checkpoints/${name}`, ...written });
  await pruneCheckpoints(folder, plan.batch.keepCheckpoints ?? 2);
  return join(folder, name);
}
