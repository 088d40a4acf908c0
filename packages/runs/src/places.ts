import { join, resolve } from "node:path";

/** Where the files of a run lie. `runDir` is the run's own folder. */
export const runPlaces = {
  manifest: (runDir: string) => join(runDir, "run.json"),
  events: (runDir: string) => join(runDir, "events.jsonl"),
  control: (runDir: string) => join(runDir, "control"),
  heartbeat: (runDir: string) => join(runDir, "heartbeat"),
  traces: (runDir: string) => join(runDir, "traces"),
  checkpoints: (runDir: string) => join(runDir, "checkpoints"),
  /** A cache that may be deleted at any time. */
  index: (runDir: string) => join(runDir, "index"),
} as const;

/** The folder of the runs of a workspace. */
export const runsFolder = (workspace: string) => join(workspace, "runs");
/** The folder of one run. */
export const runFolder = (workspace: string, id: string) => join(workspace, "runs", id);
/** The image store of a workspace, as a manifest names it: relative to the workspace. */
export const defaultImageStore = ".mede2/images";

/** The workspace: the folder that was named, else `MEDE2_WORKSPACE`, else the current folder. */
export function workspaceOf(
  named: string | undefined,
  environment: NodeJS.ProcessEnv,
  currentFolder: string,
): string {
  return resolve(currentFolder, named ?? (environment.MEDE2_WORKSPACE || "."));
}
