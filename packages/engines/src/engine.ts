import type { RunWriter } from "@mede2/runs";
import type { EngineName, JsonValue, RunManifest, TrainingPlan } from "@mede2/schemas";
import type { TrainingResult } from "@mede2/trainer";
import type { Preflight } from "./finding.ts";

/** What an engine must know beside the plan. */
export type EngineContext = {
  /** Absolute; the plan's relative paths begin here. */
  readonly workspace: string;
  /** The image store: absolute, or relative to the workspace. */
  readonly imageStore: string;
  /** Where the run will lie on the machine that computes, when that is another one: what is emitted then carries its pictures and names paths below it. */
  readonly targetDir?: string;
  /** Folder of the engine's environment where it computes (`bin/swift` lies in it); by the PATH there without it. */
  readonly engineDir?: string;
};

/** One emitted file; `path` is relative to the emitted folder, with forward slashes. */
export type EmittedFile = { readonly path: string; readonly sha256: string; readonly bytes: number };

/** Where an engine writes its own log; the program says how it is read (`foreignReader` in @mede2/runs). */
export type EngineLog = {
  readonly program: "ms-swift" | "LLaMA-Factory" | "transformers";
  /** Relative to the emitted folder. */
  readonly path: string;
};

/**
 * A run as files and a command: all that a launcher needs, plain JSON, kept as `emitted.json` in the emitted folder. The command's paths are absolute paths below
 * `targetDir`; a launcher runs it there, with `env` set and `unset` removed, and with its own variables for the ranks (`NPROC_PER_NODE`, `NNODES`, `NODE_RANK`,
 * `MASTER_ADDR`, `MASTER_PORT`: the engine's command starts torchrun from them).
 */
export type EmittedRun = {
  readonly engine: Exclude<EngineName, "embedded">;
  /** Name of the run, for the launcher's own lists: letters, digits, dots and dashes. */
  readonly name: string;
  /** The emitted folder here: absolute. */
  readonly dir: string;
  /** The same folder where the command runs; equal to `dir` on this machine or a shared file system. */
  readonly targetDir: string;
  readonly files: readonly EmittedFile[];
  readonly command: readonly string[];
  /** The command that goes on; the element `{checkpoint}` stands for the absolute path of the newest whole checkpoint and is filled in by the launcher, at the start of the job. */
  readonly resumeCommand: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly unset: readonly string[];
  readonly log: EngineLog;
  /** Relative to the emitted folder: holds `checkpoint-N`. */
  readonly checkpointsDir: string;
  /** A checkpoint is whole when this file of it exists and parses: the engine writes it last. */
  readonly checkpointMark: string;
  /** Optimiser steps that the plan asks for; an exit code 0 below them is no success. */
  readonly steps: number;
  /** Processes that the plan was emitted for: the batch is divided among them. A launcher that starts another number is refused. */
  readonly processes: { readonly nodes: number; readonly perNode: number };
  /** What the live checks need, see live/expectations.ts. */
  readonly expected: Readonly<Record<string, JsonValue>>;
};

/** A run that somebody else's process or cluster computes, or our own. It resolves or rejects as the embedded trainer's does. */
export type EngineRun = {
  readonly done: Promise<TrainingResult>;
  /** Asks it to save a checkpoint and stop. */
  stop(): void;
};

/**
 * One way to carry out a training plan. `start` writes everything that happens to the run folder, from its beginning or from the newest whole checkpoint when the folder
 * holds one (so `resume` is `start` again, and a job that is still there is followed on); `stop` is the signal, or a request in `control/`.
 */
export interface Engine {
  readonly name: EngineName;
  /** What this engine cannot honour in this plan, what is wrong with its model and data, and whether it fits. Starts nothing. */
  preflight(plan: TrainingPlan, context: EngineContext): Promise<Preflight>;
  /** Writes the files of a run to `dir`, which must not exist. The embedded engine has none: it throws an EngineError "nothing-to-emit". */
  emit(plan: TrainingPlan, dir: string, context: EngineContext): Promise<EmittedRun>;
  start(runDir: string, manifest: RunManifest, context: EngineContext): EngineRun;
  /** The newest whole checkpoint of the run as a Hugging Face or PEFT folder in `runDir/checkpoints`, said by a `checkpoint-saved` event. */
  collect(runDir: string, writer: RunWriter, context: EngineContext): Promise<string | undefined>;
}
