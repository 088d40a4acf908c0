import type { JsonValue } from "@mede2/schemas";
import type { EmittedRun } from "../engine.ts";
import type { Finding } from "../finding.ts";

export type LauncherName = "local" | "slurm" | "ray" | "ssh";

/** The plan's `launcher`: its name, and what that launcher alone understands (partition, address, host …), each checked by `check`. */
export type LaunchTarget = {
  readonly name: LauncherName;
  readonly [setting: string]: JsonValue | undefined;
};

/** A submitted job, plain JSON, stored as `engine.json` in the run folder: enough to find it again from another process, or after a crash. */
export type JobHandle = {
  readonly launcher: LauncherName;
  /** The launcher's own id: process group, Slurm job, Ray submission. */
  readonly id: string;
  /** ISO 8601. */
  readonly submittedAt: string;
  /** Host from which it was submitted. */
  readonly host: string;
  /** The emitted folder here, and there. */
  readonly dir: string;
  readonly targetDir: string;
  /** What the launcher needs beside. */
  readonly detail: Readonly<Record<string, JsonValue>>;
};

export type JobState = "queued" | "running" | "succeeded" | "failed" | "stopped" | "lost";

export type JobStatus = {
  readonly state: JobState;
  /** Exit code of the engine, when it has ended and its code is known. */
  readonly exitCode?: number;
  /** The launcher's own word and what it means, when the state alone does not say why: out of memory, time limit, node failed … */
  readonly reason?: string;
};

/** A part of what the job printed; hand `next` in to get what came after it. */
export type LogPart = { readonly text: string; readonly next: number };

export interface Launcher {
  readonly name: LauncherName;
  /** How long to wait between two looks at a job: a cluster's controller has many to answer. */
  readonly pollMilliseconds: number;
  /** Whether this launcher can be used here with these settings, and what for; unknown settings are errors. */
  check(target: LaunchTarget): Promise<readonly Finding[]>;
  /** Starts the run, or, where a job of the same name is there already, attaches to it. */
  submit(run: EmittedRun, target: LaunchTarget): Promise<JobHandle>;
  /** Starts the run again from its newest whole checkpoint (`resumeCommand`); from the beginning when there is none. */
  resume(run: EmittedRun, target: LaunchTarget, before: JobHandle): Promise<JobHandle>;
  /** Rejects where nobody answers; that says nothing of the job. */
  status(handle: JobHandle): Promise<JobStatus>;
  /** Stdout and stderr of the job from this byte on. */
  logs(handle: JobHandle, from: number): Promise<LogPart>;
  /** Brings the engine's log and checkpoints from where the job runs to `handle.dir`; nothing to do on this machine or a shared file system. */
  fetch(handle: JobHandle): Promise<void>;
  /** Asks the job to save a checkpoint and end; resolves when it was asked. */
  stop(handle: JobHandle): Promise<void>;
}
