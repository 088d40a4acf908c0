import { basename } from "node:path";
import { listRuns, plannedSteps, type RunView, readRun } from "@mede2/runs";
import { RecordError } from "@mede2/schemas";
import type { RunSummary } from "./run-summary.ts";

/** All runs of a workspace, oldest first; those that cannot be read with the reason. */
export async function readSummaries(workspace: string): Promise<RunSummary[]> {
  const summaries: RunSummary[] = [];
  for (const listed of await listRuns(workspace)) {
    if (!listed.readable) summaries.push(unreadable(listed.dir, listed.reason));
    else if (listed.steps !== null) {
      const { step, steps, loss, updatedAt, readable: _, progress: _p, alarms, ...rest } = listed;
      summaries.push({
        ...rest,
        ...{ step, steps, alarms: alarms.map(alarmOf) },
        ...(loss === null ? {} : { loss }),
        ...(updatedAt === null ? {} : { updatedAt }),
      });
    } else summaries.push(await summaryAt(listed.dir));
  }
  return summaries;
}

/** One run. */
export async function summaryAt(dir: string): Promise<RunSummary> {
  try {
    return summaryOf(await readRun(dir));
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    return unreadable(dir, error.message);
  }
}

export function summaryOf({ dir, manifest, state, status, alarms }: RunView): RunSummary {
  const { id, kind, plan, createdAt } = manifest;
  const steps = plannedSteps(state, plan);
  return {
    ...{ id, kind, status, step: state.step },
    ...(steps === undefined ? {} : { steps }),
    ...(state.losses.last === null ? {} : { loss: state.losses.last }),
    ...{ alarms: alarms.map(alarmOf), dir, recipe: plan.recipe, createdAt },
    ...(state.updatedAt === null ? {} : { updatedAt: state.updatedAt }),
  };
}

const alarmOf = ({ name, level, message, next }: RunView["alarms"][number]) => ({
  name,
  level,
  message,
  next,
});

export function unreadable(dir: string, reason: string): RunSummary {
  return { id: basename(dir), kind: "unknown", status: "unreadable", step: 0, alarms: [], dir, reason };
}
