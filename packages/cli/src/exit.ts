/** What the process returns. */
export const exitCodes = { done: 0, failed: 1, badInput: 2, stopped: 130 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** A fault that the command line itself found: one sentence, the next step, and the exit code. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly code: string;
  readonly next: string;
  readonly exit: ExitCode;

  constructor(code: string, message: string, next: string, exit: ExitCode = exitCodes.badInput) {
    super(message);
    this.code = code;
    this.next = next;
    this.exit = exit;
  }
}

/** The reason of an abort by Ctrl-C. Other packages know an abort by this name, and write "stopped" into the run, not "failed". */
export class Stopped extends Error {
  override readonly name = "AbortError";
  readonly code = "stopped";
}

/** A fault as it is told. */
export type Fault = {
  readonly code: string;
  readonly message: string;
  readonly next: string | undefined;
  readonly exit: ExitCode;
};

/** Errors of other packages that mean that what was handed in is at fault, whatever their code. */
const inputErrors = new Set([
  "RecordError",
  "ImportError",
  "DataError",
  "ImageError",
  "PreferenceError",
  "EvaluationError",
  "InspectError",
]);

/** Codes of such errors that are no fault of the input. */
const failureCodes = new Set(["teacher-failed", "ocr-failed"]);

/** Codes that mean the same, of errors that may also mean something else. */
const inputCodes = new Set([
  ...["run-exists", "run-not-found", "bad-name", "settings-invalid", "other-settings"],
  ...["ENOENT", "ENOTDIR", "EISDIR"],
  ...["engine", "device", "launcher", "template-hash", "pixels", "plan-changed", "no-data", "prompt-style"],
  ...["too-long", "nothing-supervised", "pair-equal", "special-token-in-text"],
]);

const nextSteps: Readonly<Record<string, string>> = {
  ENOENT: "check the path",
  ENOTDIR: "check the path",
  EISDIR: "name a file",
  EACCES: "check who may read and write there",
  EPERM: "check who may read and write there",
  EROFS: "choose a place that can be written",
  ENOSPC: "free disk space, then run the same command again",
  EDQUOT: "free disk space, then run the same command again",
  ENOMEM: "use a smaller batch, or a machine with more memory",
};

/** What to tell of an error, and what to return for it. */
export function faultOf(error: unknown): Fault {
  if (!(error instanceof Error))
    return { code: "unknown", message: String(error), next: undefined, exit: exitCodes.failed };
  const { code: given, next } = error as { code?: unknown; next?: unknown };
  const code = typeof given === "string" ? given : "internal";
  return {
    code,
    message: error.message || error.name,
    next: typeof next === "string" ? next : (nextSteps[code] ?? internalNext(code)),
    exit: exitOf(error, code),
  };
}

function exitOf(error: Error, code: string): ExitCode {
  if (error instanceof CliError) return error.exit;
  if (error instanceof Stopped) return exitCodes.stopped;
  if (failureCodes.has(code)) return exitCodes.failed;
  // a model folder that cannot be read is bad input; so is every other fault that nn finds, as it comes from files
  if (inputErrors.has(error.name) || error.name === "NnFault") return exitCodes.badInput;
  return inputCodes.has(code) ? exitCodes.badInput : exitCodes.failed;
}

function internalNext(code: string): string | undefined {
  return code === "internal"
    ? "run it again with MEDE2_DEBUG=1 for the stack, and report it if it is not your data"
    : undefined;
}
