import { copyFile, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeFileAtomic } from "@mede2/schemas";
import type { EmittedRun } from "../engine.ts";
import { EngineError } from "../engine-error.ts";

/** The files of a job, in the folder `launch` of the emitted run. What each is for stands at the top of `job.sh`. */
export const jobPlaces = {
  folder: (dir: string) => join(dir, "launch"),
  script: (dir: string) => join(dir, "launch", "job.sh"),
  log: (dir: string) => join(dir, "launch", "job.log"),
  exit: (dir: string) => join(dir, "launch", "exit.json"),
  started: (dir: string) => join(dir, "launch", "started.json"),
  attempts: (dir: string) => join(dir, "launch", "attempts.jsonl"),
  stop: (dir: string) => join(dir, "launch", "stop"),
} as const;

export type JobSettings = {
  /** Seconds between TERM and KILL. */
  readonly grace: number;
  /** Whether a job that runs out of time goes back into the queue. */
  readonly requeue?: boolean;
  /** A shell file that is sourced before the command, where the job runs. */
  readonly setup?: string | undefined;
};

const source = fileURLToPath(new URL("../../shell/job.sh", import.meta.url));

/**
 * Writes what the supervisor reads and removes what an earlier start left to be misread (its end, a request to stop). What it printed and its attempts stay. Throws
 * an EngineError "line-break" for an argument, a variable or a path with a line break: it could not be told from two.
 */
export async function writeJobFiles(run: EmittedRun, settings: JobSettings): Promise<void> {
  const folder = jobPlaces.folder(run.dir);
  const files: Record<string, string> = {
    command: lines("command", run.command),
    "resume-command": lines("resumeCommand", run.resumeCommand),
    env: lines(
      "env",
      Object.entries(run.env).map(([name, value]) => `${variable(name)}=${value}`),
    ),
    unset: lines("unset", run.unset.map(variable)),
    settings: lines("settings", [
      `checkpoints=${run.checkpointsDir}`,
      `mark=${run.checkpointMark}`,
      `nodes=${run.processes.nodes}`,
      `per-node=${run.processes.perNode}`,
      `grace=${settings.grace}`,
      `requeue=${settings.requeue === true ? "yes" : "no"}`,
    ]),
  };
  if (settings.setup !== undefined) files.setup = lines("setup", [settings.setup]);
  lines("targetDir", [run.targetDir]);
  if (run.command.length === 0)
    throw new EngineError("no-command", `${run.dir}: the emitted run has no command`, "emit it again");
  await mkdir(folder, { recursive: true });
  for (const name of ["exit.json", "started.json", "stop", "starts", "setup"])
    await rm(join(folder, name), { force: true });
  for (const [name, text] of Object.entries(files)) await writeFileAtomic(join(folder, name), text);
  await copyFile(source, jobPlaces.script(run.dir));
}

function lines(what: string, items: readonly string[]): string {
  for (const item of items)
    if (/[\n\r\0]/.test(item))
      throw new EngineError(
        "line-break",
        `${what}: ${JSON.stringify(item)} holds a line break, which no launcher can hand over safely`,
        "rename that file or folder",
      );
  return items.map((item) => `${item}\n`).join("");
}

function variable(name: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    throw new EngineError(
      "variable-name",
      `${JSON.stringify(name)} is no name of an environment variable`,
      "use letters, digits and _",
    );
  return name;
}
