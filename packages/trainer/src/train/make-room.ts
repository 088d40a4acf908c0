import { dirname } from "node:path";
import { freeBytes, type RunWriter, readWorkspaceSettings, runPlaces, workspaceBytes } from "@mede2/runs";
import { elementCount, type OptimiserState } from "../program/model-state.ts";
import { TrainerError } from "../trainer-error.ts";
import { optimiserArrays } from "./checkpoint.ts";
import { pruneCheckpoints } from "./find-checkpoint.ts";
import type { StartingModel } from "./starting-model.ts";

/** Bytes that a checkpoint will take: the weights or the adapter in float32, once more for their average, and the optimiser's state. */
export function checkpointBytes(
  { model, adapter, trained }: Pick<StartingModel, "model" | "adapter" | "trained">,
  optimiser: OptimiserState,
  average: boolean,
): number {
  const written = adapter === undefined ? model.shapes : trained;
  const weights = 4 * [...written.values()].reduce((sum, shape) => sum + elementCount(shape), 0);
  const moments = optimiserArrays(optimiser).reduce((sum, [, data]) => sum + data.byteLength, 0);
  return weights * (average ? 2 : 1) + moments;
}

/**
 * Sees to it that a checkpoint of so many bytes fits, on the disk and into the quota of the workspace (`.mede2/workspace.json`). Where it does not, all checkpoints of the run but the newest go, with a
 * warning. Throws `quota` or `disk-full` when that does not help: better before a checkpoint than in the midst of it.
 */
export async function makeRoom(writer: RunWriter, workspace: string, bytes: number): Promise<void> {
  const lacking = await lack(writer.dir, workspace, bytes);
  if (lacking === undefined) return;
  await pruneCheckpoints(runPlaces.checkpoints(writer.dir), 1);
  const still = await lack(writer.dir, workspace, bytes);
  if (still !== undefined) throw still;
  writer.append({
    type: "warning",
    code: "checkpoints-removed",
    message: `all checkpoints but the newest were removed to make room: ${lacking.message}`,
  });
}

async function lack(runDir: string, workspace: string, bytes: number): Promise<TrainerError | undefined> {
  const { quotaBytes } = await readWorkspaceSettings(workspace);
  if (quotaBytes !== undefined) {
    const used = await workspaceBytes(workspace);
    if (used + bytes > quotaBytes)
      return new TrainerError(
        "quota",
        `the workspace ${workspace} may take ${megabytes(quotaBytes)}, ${megabytes(used)} are used, and a checkpoint takes ${megabytes(bytes)}`,
        "free some with mede2 gc --apply, or raise the quota with mede2 gc --quota, then resume the run",
      );
  }
  const free = await freeBytes(dirname(runDir));
  if (free !== undefined && free < bytes)
    return new TrainerError(
      "disk-full",
      `the disk of ${runDir} has ${megabytes(free)} left, and a checkpoint takes ${megabytes(bytes)}; checkpoints that were saved before are whole`,
      "free some disk space, such as with mede2 gc --apply, then resume the run",
    );
  return undefined;
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
