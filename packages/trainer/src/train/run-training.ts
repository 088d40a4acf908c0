import { learningRateAt } from "@mede2/nn";
import { openRunWriter, type RunWriter, runPlaces } from "@mede2/runs";
import type { RunManifest } from "@mede2/schemas";
import { checkStep } from "./check-step.ts";
import { checkpointName, newestCheckpoint } from "./checkpoint.ts";
import { answerControls } from "./controls.ts";
import { rewardsOf } from "./rewards.ts";
import { openTrainingSession, type TrainingSession } from "./training-session.ts";

export type TrainingResult = {
  readonly status: "finished" | "stopped";
  readonly steps: number;
  /** Loss of the first and of the last step of this attempt; absent when it took none. */
  readonly loss: { readonly first?: number; readonly last?: number };
  readonly tokensPerSecond: number;
  readonly peakMemoryBytes: number;
  readonly checkpoint: string;
};

export type TrainingEnvironment = { readonly workspace: string; readonly signal: AbortSignal };

/**
 * Runs the plan of a run folder in this process, from its beginning or from its newest whole checkpoint. All that happens is in the folder's events; a fault is
 * written as `run-failed` and thrown.
 */
export async function runTraining(
  runDir: string,
  manifest: RunManifest,
  { workspace, signal }: TrainingEnvironment,
): Promise<TrainingResult> {
  const damaged: string[] = [];
  const found = await newestCheckpoint(runPlaces.checkpoints(runDir), (message) => damaged.push(message));
  const from =
    found === undefined ? {} : { fromCheckpoint: `checkpoints/${checkpointName(found.state.step)}` };
  const writer = await openRunWriter(runDir, from);
  try {
    for (const message of damaged) writer.append({ type: "warning", code: "checkpoint-damaged", message });
    const session = await openTrainingSession(writer, manifest, workspace, found);
    const result = await trainLoop(writer, session, signal);
    await session.release();
    return result;
  } catch (error) {
    writer.append({ type: "run-failed", ...failure(error) });
    throw error;
  } finally {
    writer.close();
  }
}

async function trainLoop(
  writer: RunWriter,
  session: TrainingSession,
  signal: AbortSignal,
): Promise<TrainingResult> {
  const { plan, optimiser, schedule, carried } = session;
  const tally: Tally = { loss: {}, tokens: 0, seconds: 0, peak: 0 };
  const result = (status: TrainingResult["status"], checkpoint: string): TrainingResult => ({
    status,
    steps: optimiser.step,
    loss: tally.loss,
    tokensPerSecond: tally.seconds === 0 ? 0 : tally.tokens / tally.seconds,
    peakMemoryBytes: tally.peak,
    checkpoint,
  });
  while (optimiser.step < schedule.steps) {
    const wishes = await answerControls(writer, signal);
    carried.learningRate = wishes.learningRate ?? carried.learningRate;
    for (const request of wishes.checkpoint) {
      await session.save();
      writer.acknowledge(request, "done");
    }
    if (wishes.stop) {
      const checkpoint = await session.save();
      writer.append({ type: "run-stopped" });
      return result("stopped", checkpoint);
    }
    await takeStep(writer, session, tally);
    const due = (every: number | undefined) => every !== undefined && optimiser.step % every === 0;
    if (due(plan.batch.evaluateEvery)) await session.evaluate();
    if (due(plan.batch.sampleEvery)) await session.sample();
    if (due(plan.batch.checkpointEvery) && optimiser.step < schedule.steps) await session.save();
  }
  if (plan.batch.evaluateEvery === undefined || optimiser.step % plan.batch.evaluateEvery !== 0)
    await session.evaluate();
  const done = result("finished", await session.save());
  const { steps, loss, tokensPerSecond, peakMemoryBytes } = done;
  writer.append({
    type: "run-finished",
    summary: { steps, loss, seconds: carried.seconds, tokensPerSecond, peakMemoryBytes },
  });
  return done;
}

type Tally = { loss: { first?: number; last?: number }; tokens: number; seconds: number; peak: number };

async function takeStep(writer: RunWriter, session: TrainingSession, tally: Tally): Promise<void> {
  const { plan, optimiser, schedule, carried, objective } = session;
  const started = performance.now();
  const planned = await session.prepare(optimiser.step);
  const learningRate = carried.learningRate ?? learningRateAt(optimiser.step + 1, schedule);
  const result = await session.stepper.step(planned.batches, optimiser, learningRate);
  const seconds = (performance.now() - started) / 1000;
  const memoryBytes = process.memoryUsage.rss();
  carried.seconds += seconds;
  tally.tokens += planned.tokens;
  tally.seconds += seconds;
  tally.peak = Math.max(tally.peak, memoryBytes);
  tally.loss.first ??= result.loss;
  tally.loss.last = result.loss;
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
    ...(plan.kind === "preference" ? rewardsOf(result, planned, objective.beta) : {}),
  });
  checkStep(writer, result, optimiser.step, objective.atStart);
}

function failure(error: unknown): { code: string; message: string; next: string } {
  const { code, message, next } = error as { code?: string; message?: string; next?: string };
  if (code === "ENOSPC")
    return {
      code: "disk-full",
      message: "the disk is full; the last checkpoint is whole",
      next: "free disk space, then resume the run",
    };
  return {
    code: code ?? "unknown",
    message: message ?? String(error),
    next: next ?? "remove the cause, then resume the run",
  };
}
