import { readFile } from "node:fs/promises";
import { jobPlaces } from "./job-files.ts";
import type { JobStatus } from "./launcher.ts";

/** What the supervisor wrote at the end of a job. */
export type JobEnd = {
  readonly rc: number;
  readonly asked: string;
  /** Step of the newest whole checkpoint at the start, and at the end; -1: none. */
  readonly from: number;
  readonly step: number;
  /** Slurm's number of the job; empty elsewhere. */
  readonly job: string;
};

/** The end of the newest start of a job; undefined when it has not ended, or could not say so. */
export async function readJobEnd(dir: string): Promise<JobEnd | undefined> {
  return parseJobEnd(await readFile(jobPlaces.exit(dir), "utf8").catch(() => ""));
}

export function parseJobEnd(text: string): JobEnd | undefined {
  try {
    const value = JSON.parse(text) as Partial<JobEnd>;
    const { rc, asked, from, step, job } = value;
    if (typeof rc !== "number" || typeof asked !== "string") return undefined;
    return { rc, asked, from: Number(from ?? -1), step: Number(step ?? -1), job: String(job ?? "") };
  } catch {
    return undefined;
  }
}

/** What that end means. Whether the engine did all its steps is for its log to say, not for its exit code. */
export function statusOfEnd({ rc, asked, from, step }: JobEnd): JobStatus {
  const code = rc < 0 ? {} : { exitCode: rc }; // nobody saw it
  const saved = step < 0 ? "no checkpoint was saved" : `the newest checkpoint is of step ${step}`;
  switch (asked) {
    case "stop":
      return { state: "stopped", ...code, reason: `stopped as asked; ${saved}` };
    case "time":
      return { state: "stopped", ...code, reason: `its time was up; ${saved}` };
    case "no-progress":
      return {
        state: "failed",
        ...code,
        reason: `it was not started again: no checkpoint newer than ${from < 0 ? "the beginning" : `step ${from}`} came of it, so it would go round in a circle`,
      };
    case "requeue-refused":
      return {
        state: "stopped",
        ...code,
        reason: `its time was up and the cluster refused to queue it again; ${saved}`,
      };
    case "no-space":
      return { state: "failed", ...code, reason: "disk full: not even 64 KiB were left at the start" };
  }
  if (rc === 0) return { state: "succeeded", exitCode: 0 };
  return { state: "failed", exitCode: rc, reason: exitWord(rc) };
}

const signals: Readonly<Record<number, string>> = {
  1: "SIGHUP",
  2: "SIGINT",
  6: "SIGABRT",
  7: "SIGBUS",
  9: "SIGKILL",
  11: "SIGSEGV",
  15: "SIGTERM",
};

/** An exit code in words; shells give 128 and the number of a signal, Python's subprocess 256 less that number. */
function exitWord(code: number): string {
  const signal = code > 128 && code < 160 ? code - 128 : code > 240 && code < 256 ? 256 - code : undefined;
  if (signal === 9) return "killed by SIGKILL: the machine ran out of memory, or somebody killed the process";
  if (signal !== undefined) return `ended by ${signals[signal] ?? `signal ${signal}`}`;
  if (code === 127) return "its program was not found there";
  if (code === 126) return "its program may not be run there";
  return `ended with exit code ${code}`;
}
