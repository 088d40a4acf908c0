import { readdir, readFile, rename, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { recoverDirs } from "@mede2/runs";
import { TrainerError } from "../trainer-error.ts";
import { checkpointName, stateFile, type TrainerState } from "./checkpoint.ts";
import { sha256OfFile } from "./sha256-of-file.ts";

export type FoundCheckpoint = { readonly folder: string; readonly state: TrainerState };

/** A checkpoint that was passed over. */
export type DamagedCheckpoint = { readonly name: string; readonly message: string };

/**
 * The newest whole checkpoint of a run, its files checked against their hashes, and those that are newer but damaged. Leftovers of a killed process are removed.
 * Throws `checkpoint-version` for a checkpoint of a later version.
 */
export async function newestCheckpoint(
  folder: string,
): Promise<{ readonly found?: FoundCheckpoint; readonly damaged: readonly DamagedCheckpoint[] }> {
  await recoverDirs(folder);
  const damaged: DamagedCheckpoint[] = [];
  for (const name of (await checkpointNames(folder)).reverse()) {
    try {
      return { found: { folder: join(folder, name), state: await verify(join(folder, name)) }, damaged };
    } catch (error) {
      if ((error as { code?: string }).code === "checkpoint-version") throw error;
      damaged.push({
        name,
        message: `checkpoint ${name} is damaged and was passed over: ${(error as Error).message}`,
      });
    }
  }
  return { damaged };
}

/** Moves a damaged checkpoint out of the way, so that it no longer counts as one of those to keep. */
export async function setAside(folder: string, { name }: DamagedCheckpoint): Promise<void> {
  const aside = join(folder, `${name}.damaged`);
  await rm(aside, { recursive: true, force: true });
  await rename(join(folder, name), aside);
}

async function checkpointNames(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).filter((name) => /^step-\d+$/.test(name)).sort();
}

async function verify(folder: string): Promise<TrainerState> {
  const state = JSON.parse(await readFile(join(folder, stateFile), "utf8")) as TrainerState;
  if (state.version !== 1)
    throw new TrainerError(
      "checkpoint-version",
      `${folder} was written by another version of the trainer (format ${state.version}, this one reads 1)`,
      "resume the run with the version that began it",
    );
  if (checkpointName(state.step) !== basename(folder))
    throw new TrainerError(
      "checkpoint-damaged",
      `${stateFile} is of step ${state.step}`,
      "delete the checkpoint",
    );
  for (const [name, expected] of Object.entries(state.files)) {
    const actual = await sha256OfFile(join(folder, name));
    if (actual !== expected)
      throw new TrainerError(
        "checkpoint-damaged",
        `${name} has another hash than when it was written`,
        "delete the checkpoint",
      );
  }
  return state;
}

/** Removes all but the newest `keep` checkpoints. */
export async function pruneCheckpoints(folder: string, keep: number): Promise<void> {
  const names = await checkpointNames(folder);
  for (const name of names.slice(0, Math.max(0, names.length - keep)))
    await rm(join(folder, name), { recursive: true });
}
