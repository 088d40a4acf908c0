import { learningRateAt } from "@mede2/nn";
import { openRunWriter, type RunWriter, runPlaces } from "@mede2/runs";
import type { RunManifest } from "@mede2/schemas";
import { checkStep } from "./check-step.ts";
import { checkpointName } from "./checkpoint.ts";
import { answerControls, refuseControls } from "./controls.ts";
import { failureOf } from "./failure.ts";
import {
  type DamagedCheckpoint,
  type FoundCheckpoint,
  newestCheckpoint,
  setAside,
} from "./find-checkpoint.ts";
import { pastLearningRates, type RateChange, withChange } from "./learning-rate-history.ts";
import type { PlannedStep } from "./plan-batches.ts";
import { answerRewardsOf, rewardsOf } from "./rewards.ts";
import { openTrainingSession, type TrainingSession } from "./training-session.ts";

export type TrainingResult = {
  readonly status: "finished" | "stopped";
  readonly steps: number;
  /** Loss of the run's first step and of its latest; absent when it took none. */
  readonly loss: { readonly first?: number; readonly last?: number };
  /** Of this attempt. */
  readonly tokensPerSecond: number;
  readonly peakMemoryBytes: number;
  /** Absolute path of the checkpoint that the attempt ended with. */
  readonly checkpoint: string;
};

export type TrainingEnvironment = { readonly workspace: string; readonly signal: AbortSignal };

/**
 * Runs the plan of a run folder in this process, from its beginning or from its newest whole checkpoint. All that happens is in the folder's events; a fault is
 * written as `run-failed` and thrown. When every checkpoint is damaged the run starts over, with a warning for each.
 */
export async function runTraining(
  runDir: string,
  manifest: RunManifest,
  { workspace, signal }: TrainingEnvironment,
): Promise<TrainingResult> {
  const checkpoints = runPlaces.checkpoints(runDir);
  const { found, damaged } = await newestCheckpoint(checkpoints);
  const from =
    found === undefined ? {} : { fromCheckpoint: `checkpoints/${checkpointName(found.state.step)}` };
  const writer = await openRunWriter(runDir, from);
  let session: TrainingSession | undefined;
  try {
    await reportDamaged(writer, checkpoints, found, damaged);
    const past = writer.attempt > 1 ? await pastLearningRates(runDir) : [];
    session = await openTrainingSession(writer, manifest, workspace, found);
    return await trainLoop(writer, session, signal, past);
  } catch (error) {
    reportFailure(writer, error);
    throw error;
  } finally {
    writer.close();
    await session?.release();
  }
}

async function reportDamaged(
  writer: RunWriter,
  checkpoints: string,
  found: FoundCheckpoint | undefined,
  damaged: readonly DamagedCheckpoint[],
): Promise<void> {
  for (const each of damaged) {
    await setAside(checkpoints, each);
    writer.append({ type: "warning", code: "checkpoint-damaged", message: each.message });
  }
  if (damaged.length > 0 && found === undefined)
    writer.append({
      type: "warning",
      code: "started-over",
      message: "no checkpoint of this run is whole: it starts over from its first step",
    });
}

/** On a disk that is full even the event may not fit; the error itself must not get lost over that. */
function reportFailure(writer: RunWriter, error: unknown): void {
  try {
    writer.append({ type: "run-failed", ...failureOf(error) });
  } catch {
    // the run reads as "lost", and resumes as any other
  }
}

async function trainLoop(
  writer: RunWriter,
  session: TrainingSession,
  signal: AbortSignal,
  past: readonly RateChange[],
): Promise<TrainingResult> {
  const { plan, optimiser, schedule, carried } = session;
  const tally: Tally = { tokens: 0, seconds: 0, peak: process.memoryUsage.rss() };
  const due = (every: number | undefined) => every !== undefined && optimiser.step % every === 0;
  const result = (status: TrainingResult["status"], checkpoint: string): TrainingResult => ({
    status,
    steps: optimiser.step,
    loss: carried.loss,
    tokensPerSecond: tally.seconds === 0 ? 0 : tally.tokens / tally.seconds,
    peakMemoryBytes: tally.peak,
    checkpoint,
  });
  let changes = past;
  const handlers = {
    save: () => session.save(),
    setLearningRate(learningRate: number) {
      carried.learningRate = learningRate;
      changes = withChange(changes, { step: optimiser.step, learningRate });
    },
  };
  reportProgress(writer, session);
  while (optimiser.step < schedule.steps) {
    const change = changes.find(({ step }) => step === optimiser.step);
    if (change !== undefined) carried.learningRate = change.learningRate;
    if (await answerControls(writer, signal, handlers)) {
      const checkpoint = await session.save();
      writer.append({ type: "run-stopped" });
      return result("stopped", checkpoint);
    }
    await takeStep(writer, session, tally);
    if (due(Math.ceil(schedule.steps / 100))) reportProgress(writer, session);
    if (due(plan.batch.evaluateEvery)) await session.evaluate();
    if (due(plan.batch.sampleEvery)) await session.sample();
    if (due(plan.batch.checkpointEvery) && optimiser.step < schedule.steps) await session.save();
  }
  if (!due(plan.batch.evaluateEvery)) await session.evaluate();
  const done = result("finished", await session.save());
  await refuseControls(writer, "the run has taken its last step");
  const { steps, loss, tokensPerSecond, peakMemoryBytes } = done;
  writer.append({
    type: "run-finished",
    summary: { steps, loss, seconds: carried.seconds, tokensPerSecond, peakMemoryBytes },
  });
  return done;
}

/** Viewers learn here how many steps there will be. */
function reportProgress(writer: RunWriter, { optimiser, schedule }: TrainingSession): void {
  writer.append({ type: "progress", done: optimiser.step, total: schedule.steps, unit: "steps" });
}

type Tally = { tokens: number; seconds: number; peak: number };

async function takeStep(writer: RunWriter, session: TrainingSession, tally: Tally): Promise<void> {
  const { plan, optimiser, schedule, carried, objective } = session;
  const started = performance.now();
  const planned = await session.complete(await session.prepare(optimiser.step));
  const learningRate = carried.learningRate ?? learningRateAt(optimiser.step + 1, schedule);
  const result = await session.stepper.step(planned.batches, optimiser, learningRate);
  session.average();
  const seconds = (performance.now() - started) / 1000;
  const memoryBytes = process.memoryUsage.rss();
  carried.seconds += seconds;
  carried.loss.first ??= result.loss;
  carried.loss.last = result.loss;
  tally.tokens += planned.tokens;
  tally.seconds += seconds;
  tally.peak = Math.max(tally.peak, memoryBytes);
  writer.append({
    type: "step-end",
    step: optimiser.step,
    epoch: optimiser.step / session.stepsPerEpoch,
    loss: result.loss,
    learningRate,
    gradientNorm: result.gradientNorm,
    tokens: planned.tokens,
    supervisedTokens: planned.supervisedTokens,
    seconds,
    memoryBytes,
    ...(plan.kind !== "preference"
      ? {}
      : objective.answers === undefined
        ? rewardsOf(result, planned, objective.beta)
        : answerRewardsOf(result, planned, objective.beta, objective.answers.shift)),
  });
  checkStep(writer, result, optimiser.step, startOf(objective.atStart, planned));
}

/** The preference part of the first step's loss: answers judged one by one weigh as their sides say. */
function startOf(atStart: number | undefined, { batches, answers }: PlannedStep): number | undefined {
  if (atStart === undefined || answers === undefined) return atStart;
  const weights = batches.flatMap(({ feeds }) => [...(feeds.answerWeights!.data as Float32Array)]);
  return atStart * weights.reduce((sum, each) => sum + each, 0);
}
