import type { EmittedRun } from "../engine.ts";
import { EngineError } from "../engine-error.ts";
import type { Settings } from "./target-settings.ts";

/** USR1 may come this much earlier than it was asked for, by Slurm's manual (`sbatch --signal`). */
const early = 60;
const defaultWarning = 300;

/**
 * The batch script. It holds no path: `sbatch` is called in the emitted folder, and all files are named from there. Every value in it has passed a pattern that shells and
 * Slurm read in one way only. Throws an EngineError "launcher" when the time is too short to be warned in.
 */
export function slurmScript(run: EmittedRun, settings: Settings): string {
  const warn = settings.whole("warnSeconds") ?? defaultWarning;
  const time = settings.text("time")!;
  const seconds = slurmSeconds(time);
  if (seconds < warn + 2 * early)
    throw new EngineError(
      "launcher",
      `a time of ${time} is ${seconds} s, and the warning comes up to ${warn + early} s before its end: the job would go back into the queue before it did a step`,
      "ask for more time, or set a smaller warnSeconds",
    );
  if (!/^[A-Za-z0-9._-]+$/.test(run.name))
    throw new EngineError(
      "launcher",
      `${JSON.stringify(run.name)} cannot be the name of a job`,
      "use letters, digits, dots and dashes",
    );
  const options: [string, string | number | undefined][] = [
    ["job-name", run.name],
    ["nodes", run.processes.nodes],
    ["ntasks-per-node", 1],
    ["time", time],
    ["output", "launch/job.log"],
    ["open-mode", "append"], // a requeue begins the file anew otherwise
    ["signal", `B:USR1@${warn}`],
    ["gpus-per-node", settings.whole("gpusPerNode")],
    ["cpus-per-task", settings.whole("cpusPerTask")],
    ["mem", settings.text("memory")],
  ];
  for (const name of [
    "partition",
    "account",
    "qos",
    "constraint",
    "gres",
    "reservation",
    "nodelist",
    "exclude",
  ])
    options.push([name, settings.text(name)]);
  const lines = options.flatMap(([name, value]) =>
    value === undefined ? [] : [`#SBATCH --${name}=${value}`],
  );
  lines.push(settings.flag("requeue") === false ? "#SBATCH --no-requeue" : "#SBATCH --requeue");
  return `#!/bin/bash
# Submit it from the folder that holds "launch": sbatch launch/job.sbatch
${lines.join("\n")}
exec bash launch/job.sh batch
`;
}

/** Seconds of `minutes`, `minutes:seconds`, `hours:minutes:seconds`, `days-hours[:minutes[:seconds]]` (`sbatch --time`). */
export function slurmSeconds(time: string): number {
  const [rest, days] = time.split("-").reverse() as [string, string | undefined];
  const parts = rest.split(":").map(Number);
  const [a = 0, b = 0, c = 0] = parts;
  if (days !== undefined) return Number(days) * 86400 + a * 3600 + b * 60 + c;
  return parts.length === 3 ? a * 3600 + b * 60 + c : a * 60 + b;
}
