import { existsSync } from "node:fs";
import { createRun, openRunWriter, type RunWriter, readRun, runFolder, runPlaces } from "@mede2/runs";
import { type JsonValue, planHash, type TaskPlan } from "@mede2/schemas";
import { manifestData, otherPlan } from "./run-manifest-parts.ts";
import type { RunPlanSettings } from "./run-plan.ts";

export type TaskSettings<T> = {
  readonly workspace: string;
  readonly id: string;
  readonly plan: TaskPlan;
  readonly parents?: readonly string[];
  readonly code: RunPlanSettings["code"];
  /** Work that goes on where it stood when it is called again. `report` tells how far it is. */
  readonly work: (runDir: string, report: (done: number, total: number, unit: string) => void) => Promise<T>;
  /** What the run's last event says of the result. */
  readonly summary: (result: T) => Record<string, JsonValue>;
};

const reportEvery = 500;

/** Does a step that trains nothing (sampling, scoring, evaluating) with a run folder of its own, so that viewers see it like any other run. */
export async function runTask<T>(settings: TaskSettings<T>): Promise<T> {
  const { workspace, id, plan, work, summary } = settings;
  const dir = runFolder(workspace, id);
  if (!existsSync(runPlaces.manifest(dir)))
    await createRun({
      workspace,
      plan,
      code: settings.code,
      data: await manifestData(workspace, plan.data),
      id,
      argv: process.argv,
      parents: [...(settings.parents ?? [])],
    });
  const { status, manifest } = await readRun(dir);
  if (manifest.planHash !== planHash(plan)) throw otherPlan(dir);
  if (status === "finished") return work(dir, () => {});
  const writer = await openRunWriter(dir);
  try {
    const result = await work(dir, throttled(writer));
    writer.append({ type: "run-finished", summary: summary(result) });
    return result;
  } catch (error) {
    const { name, code, message } = error as { name?: string; code?: string; message?: string };
    if (name === "AbortError") writer.append({ type: "run-stopped" });
    else
      writer.append({
        type: "run-failed",
        code: code ?? "unknown",
        message: message ?? String(error),
        next: "remove the cause and start again: what is done is kept",
      });
    throw error;
  } finally {
    writer.close();
  }
}

function throttled(writer: RunWriter): (done: number, total: number, unit: string) => void {
  let last = 0;
  return (done, total, unit) => {
    const now = Date.now();
    if (now - last < reportEvery && done < total) return;
    last = now;
    writer.append({ type: "progress", done, total, unit });
  };
}
