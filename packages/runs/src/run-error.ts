export type RunErrorCode =
  | "run-exists"
  | "bad-name"
  | "run-not-found"
  | "run-in-progress"
  | "run-closed"
  | "write-failed"
  | "exists"
  | "settings-invalid";

/** A fault of a run folder. The message says what happened, where, and what to do next. */
export class RunError extends Error {
  override readonly name = "RunError";
  readonly code: RunErrorCode;

  constructor(code: RunErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.code = code;
  }
}
