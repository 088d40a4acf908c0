import { existsSync } from "node:fs";
import { join } from "node:path";
import { createRun, readRun, runFolder, runPlaces } from "@mede2/runs";
import { planHash, type RunManifest, readRecord, runManifestSchema, type TrainingPlan } from "@mede2/schemas";
import { type StartedTraining, startTraining, type TrainingResult } from "@mede2/trainer";
import { manifestData, otherPlan } from "./run-manifest-parts.ts";
import { watchSteps } from "./watch-steps.ts";

export type RunPlanSettings = {
  readonly workspace: string;
  /** Name of the run folder. Asking again for the same run and plan goes on where it stood. */
  readonly id: string;
  readonly plan: TrainingPlan;
  readonly parents?: readonly string[];
  readonly code: RunManifest["code"];
  readonly signal?: AbortSignal;
  /** Told from the run's events, a few times a second. */
  readonly onStep?: (step: number, steps: number) => void;
};

export type FinishedRun = {
  readonly dir: string;
  readonly checkpoint: string;
  readonly result?: TrainingResult;
};

/** Runs a training plan in a child process to its end, or takes over where an earlier attempt stopped. A finished run is not run again. */
export async function runPlan(settings: RunPlanSettings): Promise<FinishedRun> {
  const { workspace, id, plan, signal } = settings;
  const dir = runFolder(workspace, id);
  if (existsSync(runPlaces.manifest(dir))) {
    const manifest = await readRecord(runPlaces.manifest(dir), runManifestSchema);
    if (manifest.planHash !== planHash(plan)) throw otherPlan(dir);
    const { status, state } = await readRun(dir);
    const last = state.checkpoints.at(-1);
    if (status === "finished" && last !== undefined) return { dir, checkpoint: join(dir, last.path) };
  } else {
    const data = await manifestData(workspace, plan.data);
    await createRun({
      workspace,
      plan,
      code: settings.code,
      data,
      id,
      argv: process.argv,
      parents: [...(settings.parents ?? [])],
    });
  }
  signal?.throwIfAborted(); // asked to stop while the run was made: it is there, and can be started again
  const training: StartedTraining = startTraining({ runDir: dir, workspace });
  const watching = settings.onStep === undefined ? undefined : watchSteps(dir, settings.onStep);
  const stop = () => training.stop();
  signal?.addEventListener("abort", stop, { once: true });
  try {
    const result = await training.done;
    signal?.throwIfAborted();
    return { dir, checkpoint: result.checkpoint, result };
  } finally {
    signal?.removeEventListener("abort", stop);
    watching?.stop();
  }
}
