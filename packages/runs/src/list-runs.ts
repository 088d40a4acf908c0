import { readdir } from "node:fs/promises";
import { RecordError, type RunStatus } from "@mede2/schemas";
import type { Alarm } from "./alarm.ts";
import { thisHost } from "./host.ts";
import { runFolder, runsFolder } from "./places.ts";
import { readRun } from "./read-run.ts";
import type { Witness } from "./status.ts";

/** A run in a list, or a folder that should be one and cannot be read. */
export type ListedRun = { dir: string } & (
  | {
      readable: true;
      id: string;
      kind: string;
      recipe: string;
      status: RunStatus;
      createdAt: string;
      updatedAt: string | null;
      step: number;
      steps: number | null;
      progress: { done: number; total: number; unit: string } | null;
      loss: number | null;
      alarms: Alarm[];
    }
  | { readable: false; id: string; reason: string }
);

/** The runs of a workspace, oldest first. A folder without a readable `run.json` is listed with the reason. */
export async function listRuns(workspace: string, witness: Witness = thisHost()): Promise<ListedRun[]> {
  let names: string[];
  try {
    const entries = await readdir(runsFolder(workspace), { withFileTypes: true });
    names = entries
      .filter((entry) => !entry.isFile() && !entry.name.startsWith("."))
      .map((entry) => entry.name);
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return [];
    throw error;
  }
  const runs: ListedRun[] = [];
  for (const name of names.sort()) runs.push(await listed(runFolder(workspace, name), name, witness));
  return runs;
}

async function listed(dir: string, name: string, witness: Witness): Promise<ListedRun> {
  try {
    const { manifest, state, status, alarms } = await readRun(dir, witness);
    return {
      dir,
      readable: true,
      id: manifest.id,
      kind: manifest.kind,
      recipe: manifest.plan.recipe,
      status,
      createdAt: manifest.createdAt,
      updatedAt: state.updatedAt,
      step: state.step,
      steps: state.steps,
      progress: state.progress,
      loss: state.losses.last,
      alarms,
    };
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    return { dir, readable: false, id: name, reason: error.message };
  }
}
