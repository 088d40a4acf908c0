import { EngineError } from "../engine-error.ts";
import { type Execute, firstLine } from "./execute.ts";
import { readJobEnd, statusOfEnd } from "./job-end.ts";
import type { JobStatus } from "./launcher.ts";

/** What Slurm knows of a job. */
type Seen = { readonly state: string; readonly reason: string };

const live = new Set(["RUNNING", "COMPLETING", "STAGE_OUT", "SIGNALING", "STOPPED", "SUSPENDED", "RESIZING"]);
const waiting = new Set([
  ...["PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "RESV_DEL_HOLD"],
  "SPECIAL_EXIT",
]);

const ends: Readonly<Record<string, string>> = {
  TIMEOUT: "its time was up before a checkpoint was saved: ask for more time, or set a larger warnSeconds",
  OUT_OF_MEMORY: "out of memory on its node: ask for more, or use a smaller batch",
  NODE_FAIL: "its node failed",
  BOOT_FAIL: "its node did not boot",
  PREEMPTED: "another job took its place",
  DEADLINE: "its deadline passed",
  FAILED: "it failed before its supervisor could say why",
  LAUNCH_FAILED: "Slurm could not start it on its node",
  RECONFIG_FAIL: "Slurm could not set up its node",
  REVOKED: "it runs in another cluster of the federation",
};

/**
 * Asks the queue, then the controller, then the accounting, then the record that the job itself left: each forgets, or is missing, where the next may still know. Throws an
 * EngineError "slurm-unreachable" when the controller does not answer: that says nothing of the job.
 */
export async function slurmStatus(run: Execute, id: string, dir: string): Promise<JobStatus> {
  const seen = (await inQueue(run, id)) ?? (await atController(run, id)) ?? (await inAccounts(run, id));
  const end = await readJobEnd(dir);
  if (seen !== undefined) {
    const why = seen.reason === "" || seen.reason === "None" ? {} : { reason: seen.reason };
    if (waiting.has(seen.state)) return { state: "queued", ...why };
    if (live.has(seen.state)) return { state: "running", ...why };
  }
  // a job's own word goes before Slurm's, which calls every end by exit code 0 COMPLETED; that of another job in this folder says nothing
  if (end !== undefined && end.job === id) return statusOfEnd(end);
  if (seen === undefined)
    return {
      state: "lost",
      reason: `Slurm no longer knows job ${id}, and it left no record of its end: its node failed, or the shared disk is full or gone`,
    };
  if (seen.state === "CANCELLED") return { state: "stopped", reason: "cancelled before it could save" };
  return {
    state: "failed",
    reason: `${seen.state}: ${ends[seen.state] ?? (seen.reason || "Slurm does not say why")}`,
  };
}

const unreachable = (said: string, error?: unknown) =>
  new EngineError(
    "slurm-unreachable",
    `Slurm does not answer: ${firstLine(said)}`,
    "the job goes on without being watched; it will be looked for again",
    error,
  );

const contact = /unable to contact|connection refused|timed out|socket|authentication|munge|protocol/i;

async function inQueue(run: Execute, id: string): Promise<Seen | undefined> {
  const { code, stdout, stderr } = await run("squeue", [
    ...["--noheader", "--states=all", `--jobs=${id}`, "--format=%T|%r"],
  ]);
  if (code !== 0) {
    if (/invalid job id/i.test(stderr)) return undefined;
    throw unreachable(stderr);
  }
  const [state, reason = ""] = firstLine(stdout).split("|");
  return stdout.trim() === "" || state === undefined ? undefined : { state: word(state), reason };
}

async function atController(run: Execute, id: string): Promise<Seen | undefined> {
  const { code, stdout, stderr } = await run("scontrol", ["--oneliner", "show", "job", id]);
  if (code !== 0) {
    if (contact.test(stderr)) throw unreachable(stderr);
    return undefined;
  }
  const state = / JobState=(\S+)/.exec(stdout)?.[1];
  return state === undefined
    ? undefined
    : { state: word(state), reason: / Reason=(\S+)/.exec(stdout)?.[1] ?? "" };
}

async function inAccounts(run: Execute, id: string): Promise<Seen | undefined> {
  try {
    const { code, stdout } = await run("sacct", [
      ...["--noheader", "--parsable2", "--allocations", `--jobs=${id}`, "--format=State"],
    ]);
    const state = code === 0 ? stdout.trim().split("\n").at(-1)?.trim() : undefined;
    return state ? { state: word(state), reason: "" } : undefined;
  } catch {
    return undefined; // many clusters run without slurmdbd
  }
}

/** `CANCELLED by 1000`, `CANCELLED+` → `CANCELLED`. */
const word = (state: string): string => /^[A-Z_]+/.exec(state.trim())?.[0] ?? state;
