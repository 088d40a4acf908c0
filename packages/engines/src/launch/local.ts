import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { type Host, thisHost } from "@mede2/runs";
import { isoTime } from "@mede2/schemas";
import type { EmittedRun } from "../engine.ts";
import { EngineError } from "../engine-error.ts";
import { type Execute, execute, firstLine } from "./execute.ts";
import { parseJobEnd, readJobEnd, statusOfEnd } from "./job-end.ts";
import { jobPlaces, writeJobFiles } from "./job-files.ts";
import type { JobHandle, JobStatus, Launcher, LaunchTarget } from "./launcher.ts";
import { readLogPart } from "./log-part.ts";
import { checkTarget, settingsOf } from "./target-settings.ts";

export type LocalAround = { readonly execute?: Execute; readonly host?: Host };

/**
 * A process group on this machine, under a supervisor that outlives this process: `job.sh`. One process, or several by torchrun on this machine. A job is found again
 * by process, its start and the boot.
 */
export function localLauncher(around: LocalAround = {}): Launcher {
  const { execute: run = execute, host = thisHost() } = around;
  const submit = async (emitted: EmittedRun, target: LaunchTarget): Promise<JobHandle> => {
    const settings = settingsOf(target);
    refuseNodes(emitted, "local");
    const status = await ask(run, emitted.dir);
    if (status === undefined || status.state !== "running") {
      await writeJobFiles(emitted, {
        grace: settings.whole("graceSeconds") ?? 120,
        setup: settings.text("setup"),
      });
      await begin(emitted.dir);
    }
    const started = JSON.parse(await readFile(jobPlaces.started(emitted.dir), "utf8")) as { pid: number };
    return {
      ...{ launcher: "local", id: String(started.pid), submittedAt: isoTime(host.clock), host: host.name },
      ...{ dir: emitted.dir, targetDir: emitted.targetDir, detail: { bootId: host.bootId } },
    };
  };
  return {
    name: "local",
    pollMilliseconds: 500,
    check: async (target) => [
      ...checkTarget(target),
      ...(process.platform === "win32"
        ? [
            {
              level: "error" as const,
              code: "launcher",
              message: "the launcher local needs a POSIX system",
              next: "use WSL, or the launcher ray or ssh",
            },
          ]
        : []),
    ],
    submit,
    resume: submit,
    async status(handle) {
      if (handle.host !== host.name) {
        const end = await readJobEnd(handle.dir);
        if (end !== undefined) return statusOfEnd(end);
        throw new EngineError(
          "other-host",
          `the job runs on ${handle.host}, and this is ${host.name}`,
          `look at it from ${handle.host}`,
        );
      }
      return (await ask(run, handle.dir)) ?? lost;
    },
    logs: (handle, from) => readLogPart(jobPlaces.log(handle.dir), from),
    async fetch() {},
    async stop(handle) {
      const { code, stderr } = await run("bash", [jobPlaces.script(handle.dir), "stop"]);
      if (code !== 0)
        throw new EngineError(
          "stop-failed",
          `${handle.dir}: the job could not be asked to stop: ${firstLine(stderr)}`,
          `see whether process ${handle.id} lives, and whether the disk is full`,
        );
    },
  };
}

const lost: JobStatus = {
  state: "lost",
  reason:
    "its process is gone and left no record of its end: it was killed with its supervisor, or the machine went down, or its disk is full",
};

/** What the supervisor says of the job in this folder; undefined when there was none. */
async function ask(run: Execute, dir: string): Promise<JobStatus | undefined> {
  const { code, stdout, stderr } = await run("bash", [jobPlaces.script(dir), "status"]);
  if (code === 127) return undefined; // no job was ever started here
  const status = parseSupervisor(stdout);
  if (status === undefined)
    throw new EngineError(
      "status",
      `${dir}: the job's supervisor cannot be asked: ${firstLine(stderr)}`,
      "see whether the folder can be read",
    );
  return status;
}

/** The answer of `job.sh status`. */
export function parseSupervisor(answer: string): JobStatus | undefined {
  const line = firstLine(answer);
  const [word] = line.split(" ", 1);
  switch (word) {
    case "running":
      return { state: "running" };
    case "orphaned":
      return {
        state: "running",
        reason: `its supervisor is gone, the training goes on in process group ${line.slice(9)}`,
      };
    case "gone":
      return lost;
    case "ended": {
      const end = parseJobEnd(line.slice(6));
      return end === undefined
        ? { state: "lost", reason: "the record of its end cannot be read" }
        : statusOfEnd(end);
    }
    default:
      return undefined;
  }
}

/** Starts the supervisor and waits until it has said that it began, or that it ended. */
async function begin(dir: string): Promise<void> {
  const log = openSync(jobPlaces.log(dir), "a");
  const child = spawn("bash", [jobPlaces.script(dir), "run"], {
    ...{ cwd: dir, detached: true, stdio: ["ignore", log, log] },
  });
  closeSync(log);
  let fault: string | undefined;
  child.once("error", (error) => {
    fault = error.message;
  });
  child.once("exit", (code) => {
    fault ??= `its supervisor ended with code ${code}`;
  });
  child.unref();
  const there = (path: string) => readFile(path).then(Boolean, () => false);
  for (let waited = 0; waited < 10_000; waited += 20) {
    if (await there(jobPlaces.started(dir))) return;
    if (fault !== undefined) break;
    await sleep(20);
  }
  const end = await readJobEnd(dir);
  const said = await readLogPart(jobPlaces.log(dir), 0).then(({ text }) => text.trim().split("\n").at(-1));
  throw new EngineError(
    "not-started",
    `${dir}: the job did not start: ${end === undefined ? (fault ?? "it said nothing for 10 s") : statusOfEnd(end).reason}${said ? `; ${said}` : ""}`,
    `read ${jobPlaces.log(dir)}`,
  );
}

/** Launchers of one machine refuse a run for several. */
export function refuseNodes(run: EmittedRun, name: string): void {
  if (run.processes.nodes > 1)
    throw new EngineError(
      "launcher",
      `the run was made for ${run.processes.nodes} machines, and the launcher ${name} starts it on one`,
      "use the launcher slurm, or a plan for one machine",
    );
}
