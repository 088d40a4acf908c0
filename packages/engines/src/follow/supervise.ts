import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openRunWriter, type RunWriter, readRun } from "@mede2/runs";
import type { ControlRequest, RunManifest, TrainingPlan } from "@mede2/schemas";
import type { TrainingResult } from "@mede2/trainer";
import { emittedFile, readEmitted } from "../emit/emit-run.ts";
import type { EmittedRun } from "../engine.ts";
import { EngineError } from "../engine-error.ts";
import type { JobHandle, JobStatus, Launcher, LaunchTarget } from "../launch/launcher.ts";
import type { Breach } from "../live/breach.ts";
import { diagnose } from "../live/diagnose.ts";
import { checkpointName } from "./collect.ts";
import { type JobFollower, openFollower } from "./follow-job.ts";
import { readJob, writeJob } from "./job-file.ts";
import { wholeCheckpoints } from "./whole-checkpoints.ts";

export type SuperviseSettings = {
  readonly manifest: RunManifest;
  readonly plan: TrainingPlan;
  readonly workspace: string;
  readonly launcher: Launcher;
  readonly target: LaunchTarget;
  /** Writes the files of the run to this folder. */
  readonly emit: (dir: string) => Promise<EmittedRun>;
  readonly signal: AbortSignal;
  /** Between two looks at the job. Default: the launcher's. */
  readonly pollMilliseconds?: number;
  /** How long a launcher may not answer before the run is given up; the job may live on. Default: ten minutes. */
  readonly patienceMilliseconds?: number;
};

/** Where the files of an outside engine lie in a run folder. */
export const engineFolder = (runDir: string): string => join(runDir, "engine");

/**
 * Runs a plan on an outside engine and writes all that happens to the run folder: submits it, or goes on with the job that is still there, or resumes from the newest whole
 * checkpoint. A run that breaks an invariant is ended, with the cause as an event. Resolves and rejects as the embedded trainer does.
 */
export async function superviseRun(runDir: string, settings: SuperviseSettings): Promise<TrainingResult> {
  const { launcher, target, plan, workspace, emit } = settings;
  const dir = engineFolder(runDir);
  const run = existsSync(join(dir, emittedFile)) ? await readEmitted(dir) : await emit(dir);
  const before = await readJob(runDir);
  const state = before === undefined ? undefined : (await launcher.status(before)).state;
  if (before !== undefined && !isLive(state)) await launcher.fetch(before);
  const from = before === undefined ? undefined : (await wholeCheckpoints(run)).at(-1);
  // what came to its end while nobody looked is followed there, not started again
  const alive = isLive(state) || (state === "succeeded" && (from?.step ?? 0) >= run.steps);
  const told = before === undefined || alive ? 0 : (await readRun(runDir)).state.step;
  const writer = await openRunWriter(
    runDir,
    from === undefined ? {} : { fromCheckpoint: `checkpoints/${checkpointName(from.step)}` },
  );
  try {
    writer.append({ type: "progress", done: from?.step ?? 0, total: run.steps, unit: "steps" });
    const past = before === undefined || alive ? undefined : { job: before, told, from: from?.step ?? 0 };
    const follower = await openFollower({ runDir, workspace, plan, run, launcher, writer, past });
    const handle =
      before === undefined
        ? await launcher.submit(run, target)
        : alive
          ? before
          : await launcher.resume(run, target, before);
    await writeJob(runDir, handle);
    return await followToEnd(handle, run, follower, writer, settings);
  } catch (error) {
    fail(writer, error);
    throw error;
  } finally {
    writer.close();
  }
}

const isLive = (state: JobStatus["state"] | undefined) => state === "queued" || state === "running";

async function followToEnd(
  handle: JobHandle,
  run: EmittedRun,
  follower: JobFollower,
  writer: RunWriter,
  settings: SuperviseSettings,
): Promise<TrainingResult> {
  const { launcher, signal, pollMilliseconds = launcher.pollMilliseconds } = settings;
  const ask = patiently(settings, writer);
  let asked: "stop" | "breach" | undefined;
  const broken: Breach[] = [];
  for (let state: JobStatus["state"] | undefined; ; ) {
    const status = await ask(() => launcher.status(handle));
    if (status.state !== state && status.state === "queued")
      writer.append({ type: "progress", done: 0, total: run.steps, unit: "steps, waiting in the queue" });
    state = status.state;
    // the look comes after the status: what was written before the end is read, whatever the status
    const { breaches } = await ask(() => follower.look(handle));
    for (const breach of breaches) tell(writer, breach);
    broken.push(...breaches);
    if (!isLive(state)) return await ending(status, run, follower, writer, asked, broken);
    if (broken.length > 0 && asked === undefined) {
      asked = "breach";
      await ask(() => launcher.stop(handle));
    }
    if ((await stopWanted(writer, run, signal)) && asked === undefined) {
      asked = "stop";
      await ask(() => launcher.stop(handle));
    }
    writer.beat();
    await sleep(pollMilliseconds);
  }
}

/** Repeats what a launcher did not answer, until its patience ends. */
function patiently(
  {
    launcher,
    patienceMilliseconds = 600_000,
    pollMilliseconds = launcher.pollMilliseconds,
  }: SuperviseSettings,
  writer: RunWriter,
) {
  return async <T>(call: () => Promise<T>): Promise<T> => {
    for (let waited = 0; ; ) {
      try {
        return await call();
      } catch (error) {
        const { code = "launcher", message } = error as { code?: string; message: string };
        if (waited === 0) writer.append({ type: "warning", code: "launcher-silent", message });
        if (waited >= patienceMilliseconds)
          throw new EngineError(
            code,
            `the launcher did not answer: ${message}`,
            "the job may live on: mede2 train --resume follows it again as soon as the launcher answers",
            error,
          );
        const pause = Math.max(pollMilliseconds, Math.min(10_000, waited));
        writer.beat();
        await sleep(pause);
        waited += pause;
      }
    }
  };
}

async function ending(
  { state, exitCode, reason }: JobStatus,
  run: EmittedRun,
  follower: JobFollower,
  writer: RunWriter,
  asked: "stop" | "breach" | undefined,
  broken: readonly Breach[],
): Promise<TrainingResult> {
  const { tally } = follower;
  const first = broken[0];
  if (first !== undefined) throw new EngineError("invariant-broken", first.cause, first.next);
  // a trainer that is told to stop after its last step may not have saved it
  const complete =
    tally.steps >= run.steps && follower.checkpoint()?.endsWith(checkpointName(run.steps)) === true;
  if ((asked === "stop" || state === "stopped") && !complete) {
    writer.append({ type: "run-stopped" });
    return result("stopped", follower);
  }
  if (state !== "succeeded" && !complete) {
    const found = diagnose(follower.checks.tail());
    throw new EngineError(
      found?.code ?? (state === "lost" ? "job-lost" : "engine-failed"),
      [found?.message, reason].filter((text) => text !== undefined).join("; ") || `the job ended as ${state}`,
      found?.next ?? "read what it printed (engine/launch/job.log), remove the cause, then resume the run",
    );
  }
  for (const breach of follower.checks.end(exitCode, tally.steps)) {
    tell(writer, breach);
    throw new EngineError("steps-missing", breach.cause, breach.next);
  }
  if (!complete)
    throw new EngineError(
      "checkpoint-missing",
      `the engine ended with code 0 and left no whole checkpoint of step ${run.steps}`,
      "look whether its disk was full, then resume the run",
    );
  const finished = result("finished", follower);
  await refuse(writer, "the run has taken its last step");
  const { steps, loss, tokensPerSecond, peakMemoryBytes } = finished;
  writer.append({
    type: "run-finished",
    summary: { steps, loss, seconds: tally.seconds, tokensPerSecond, peakMemoryBytes },
  });
  return finished;
}

function result(status: TrainingResult["status"], { tally, checkpoint }: JobFollower): TrainingResult {
  return {
    status,
    steps: tally.steps,
    loss: {
      ...(tally.first === undefined ? {} : { first: tally.first }),
      ...(tally.last === undefined ? {} : { last: tally.last }),
    },
    tokensPerSecond: tally.seconds > 0 ? tally.tokens / tally.seconds : 0,
    peakMemoryBytes: tally.peakMemoryBytes,
    checkpoint: checkpoint() ?? "",
  };
}

function tell(writer: RunWriter, { name, expected, actual, cause }: Breach): void {
  writer.append({
    type: "invariant-broken",
    name,
    ...(expected === undefined ? {} : { expected }),
    ...(actual === undefined ? {} : { actual }),
    cause,
  });
}

/** Whether the run shall stop, by request or by the signal. Other requests are refused: the engine takes none while it runs. */
async function stopWanted(writer: RunWriter, { engine }: EmittedRun, signal: AbortSignal): Promise<boolean> {
  let wanted = signal.aborted;
  for (const request of await writer.controls()) {
    if (request.request === "stop") {
      writer.acknowledge(request, "done");
      wanted = true;
    } else writer.acknowledge(request, "refused", refusal(request, engine));
  }
  return wanted;
}

function refusal({ request }: ControlRequest, engine: string): string {
  if (request === "checkpoint")
    return `${engine} saves every batch.checkpointEvery steps and when it is stopped, not on request`;
  return `${engine} cannot do that while it runs; stop it, and go on with mede2 train --resume`;
}

async function refuse(writer: RunWriter, reason: string): Promise<void> {
  for (const request of await writer.controls()) writer.acknowledge(request, "refused", reason);
}

function fail(writer: RunWriter, error: unknown): void {
  const { code, message, next } = error as { code?: unknown; message?: string; next?: string };
  try {
    writer.append({
      type: "run-failed",
      code: typeof code === "string" && code !== "" ? code : "unknown",
      message: message || String(error),
      next: next || "remove the cause, then resume the run",
    });
  } catch {
    // a full disk: the run reads as lost, and resumes as any other
  }
}
