import type { StartedTraining, StartSettings } from "@mede2/trainer";

/** Where text goes: a stream of the process, or a list in a test. */
export type Sink = {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
};

/** Everything of the outside world that a command touches beside files. */
export type Io = {
  /** Results. With `--json` its last line is one object. */
  readonly stdout: Sink;
  /** Progress and errors. */
  readonly stderr: Sink;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Milliseconds. */
  readonly clock: () => number;
  /** Aborts at the first Ctrl-C: put the work away and end. */
  readonly stop: AbortSignal;
  /** Aborts at the second: whatever was started must end at once. */
  readonly end: AbortSignal;
  /** Starts the process that trains; default: `startTraining` of the trainer. */
  readonly startTraining?: (settings: StartSettings) => StartedTraining;
};
