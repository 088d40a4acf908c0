import { readdir, stat } from "node:fs/promises";
import { RecordError } from "@mede2/schemas";
import { thisHost } from "./host.ts";
import { runFolder, runPlaces, runsFolder } from "./places.ts";
import type { Witness } from "./status.ts";
import { type RunTracker, type TrackedRun, trackRun } from "./track-run.ts";

/** A run of a workspace, or a folder that should be one and cannot be read. */
export type WorkspaceRun =
  | { readable: true; run: TrackedRun }
  | { readable: false; id: string; dir: string; reason: string };

/** Follows all runs of a workspace. */
export interface WorkspaceTracker {
  /** All runs as they stand now, oldest first. Only runs whose files changed are read again, but for those that are alive. */
  read(): Promise<WorkspaceRun[]>;
}

const atOnce = 16;

interface Known {
  tracker: RunTracker;
  stamp: string;
  found: WorkspaceRun;
}

/** Tracks a workspace without curves, for lists; `budget` milliseconds a run and look. */
export function trackWorkspace(
  workspace: string,
  witness: Witness = thisHost(),
  budget = 40,
): WorkspaceTracker {
  const known = new Map<string, Known>();
  const readOne = async (name: string): Promise<WorkspaceRun> => {
    const dir = runFolder(workspace, name);
    const stamp = await stampOf(dir);
    const before = known.get(name);
    if (before !== undefined && before.stamp === stamp && !isOpen(before.found)) return before.found;
    const tracker = before?.tracker ?? trackRun(dir, { curves: false, budget }, witness);
    const found = await look(tracker, name, dir);
    known.set(name, { tracker, stamp, found });
    return found;
  };
  return {
    async read() {
      const names = await runNames(workspace);
      for (const name of known.keys()) if (!names.includes(name)) known.delete(name);
      const runs: WorkspaceRun[] = [];
      // some at once: a network file system answers slowly, but many at a time
      for (let from = 0; from < names.length; from += atOnce)
        runs.push(...(await Promise.all(names.slice(from, from + atOnce).map(readOne))));
      return runs;
    },
  };
}

/** Whether time alone may change what is said of the run, or more of it is to be read. */
function isOpen(found: WorkspaceRun): boolean {
  if (!found.readable) return false;
  const { status, read } = found.run;
  return read < 1 || status === "running" || status === "paused";
}

async function look(tracker: RunTracker, id: string, dir: string): Promise<WorkspaceRun> {
  try {
    return { readable: true, run: await tracker.read() };
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    return { readable: false, id, dir, reason: error.message };
  }
}

async function runNames(workspace: string): Promise<string[]> {
  try {
    const entries = await readdir(runsFolder(workspace), { withFileTypes: true });
    return entries
      .filter((entry) => !entry.isFile() && !entry.name.startsWith("."))
      .map((entry) => entry.name)
      .sort();
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return [];
    throw error;
  }
}

async function stampOf(dir: string): Promise<string> {
  const files = [
    runPlaces.manifest(dir),
    runPlaces.events(dir),
    runPlaces.control(dir),
    runPlaces.heartbeat(dir),
  ];
  const infos = await Promise.all(files.map((file) => stat(file).catch(() => undefined)));
  return infos
    .map((info) => (info === undefined ? "-" : `${info.ino}:${info.size}:${info.mtimeMs}`))
    .join(" ");
}
