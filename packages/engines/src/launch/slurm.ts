import { join } from "node:path";
import { type Host, thisHost } from "@mede2/runs";
import { isoTime, writeFileAtomic } from "@mede2/schemas";
import type { EmittedRun } from "../engine.ts";
import { EngineError } from "../engine-error.ts";
import type { Finding } from "../finding.ts";
import { type Execute, execute, firstLine } from "./execute.ts";
import { jobPlaces, writeJobFiles } from "./job-files.ts";
import type { JobHandle, Launcher, LaunchTarget } from "./launcher.ts";
import { readLogPart } from "./log-part.ts";
import { slurmScript } from "./slurm-script.ts";
import { slurmStatus } from "./slurm-status.ts";
import { checkTarget, settingsOf } from "./target-settings.ts";

export type SlurmAround = { readonly execute?: Execute; readonly host?: Host };

/**
 * Jobs of a Slurm cluster, by its commands on this machine; the run lies on a file system that its nodes share. Before its time is up a job saves, goes back into the
 * queue and goes on from its newest whole checkpoint, unless the last start brought none.
 */
export function slurmLauncher(around: SlurmAround = {}): Launcher {
  const { execute: run = execute, host = thisHost() } = around;
  const handle = (id: string, emitted: EmittedRun): JobHandle => ({
    ...{ launcher: "slurm", id, submittedAt: isoTime(host.clock), host: host.name },
    ...{ dir: emitted.dir, targetDir: emitted.targetDir, detail: {} },
  });
  const submit = async (emitted: EmittedRun, target: LaunchTarget): Promise<JobHandle> => {
    const settings = settingsOf(target);
    const script = slurmScript(emitted, settings);
    const there = await findJob(run, emitted);
    if (there !== undefined) return handle(there, emitted);
    await writeJobFiles(emitted, {
      grace: settings.whole("graceSeconds") ?? 120,
      requeue: settings.flag("requeue") !== false,
      setup: settings.text("setup"),
    });
    await writeFileAtomic(join(jobPlaces.folder(emitted.dir), "job.sbatch"), script);
    const { code, stdout, stderr } = await run("sbatch", ["--parsable", "launch/job.sbatch"], {
      cwd: emitted.dir,
    });
    const id = /^(\d+)(?:;.*)?$/m.exec(stdout)?.[1];
    if (code !== 0 || id === undefined)
      throw new EngineError(
        "submit-failed",
        `sbatch refused the job: ${firstLine(stderr || stdout)}`,
        "compare the plan's launcher with what the cluster offers: sinfo, sacctmgr show assoc",
      );
    return handle(id, emitted);
  };
  return {
    name: "slurm",
    pollMilliseconds: 5_000,
    async check(target) {
      const findings = checkTarget(target);
      for (const program of ["sbatch", "squeue", "scontrol", "scancel"])
        findings.push(...(await missing(run, program)));
      return findings;
    },
    submit,
    resume: submit,
    status: (job) => slurmStatus(run, job.id, job.dir),
    logs: (job, from) => readLogPart(jobPlaces.log(job.dir), from),
    async fetch() {},
    async stop(job) {
      await writeFileAtomic(jobPlaces.stop(job.dir), "");
      const { state } = await slurmStatus(run, job.id, job.dir);
      if (state !== "queued" && state !== "running") return;
      // only the batch shell is told: it hands TERM to the training, waits for its checkpoint and does not go back into the queue
      const how = state === "queued" ? [job.id] : ["--batch", "--signal=USR2", job.id];
      const { code, stderr } = await run("scancel", how);
      if (code !== 0)
        throw new EngineError(
          "stop-failed",
          `scancel refused to stop job ${job.id}: ${firstLine(stderr)}`,
          "see whether the job is yours: squeue --me",
        );
    },
  };
}

/** A job that waits or runs under this name, submitted from this folder by this user. */
async function findJob(run: Execute, emitted: EmittedRun): Promise<string | undefined> {
  const { code, stdout, stderr } = await run("squeue", [
    ...["--noheader", "--me", `--name=${emitted.name}`, "--states=PENDING,RUNNING,CONFIGURING,SUSPENDED"],
    "--format=%i|%Z",
  ]);
  if (code !== 0)
    throw new EngineError(
      "slurm-unreachable",
      `Slurm does not answer: ${firstLine(stderr)}`,
      "nothing was submitted; try again when squeue works",
    );
  for (const line of stdout.split("\n")) {
    const bar = line.indexOf("|");
    if (bar > 0 && line.slice(bar + 1).trimEnd() === emitted.targetDir) return line.slice(0, bar).trim();
  }
  return undefined;
}

async function missing(run: Execute, program: string): Promise<Finding[]> {
  try {
    await run(program, ["--version"], { seconds: 15 });
    return [];
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return [{ level: "error", code: "launcher", message: error.message, next: error.next }];
  }
}
