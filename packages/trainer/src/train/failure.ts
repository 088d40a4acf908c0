/** What `run-failed` says of an error: its code and sentence, and what the reader can do. */
export type Failure = { readonly code: string; readonly message: string; readonly next: string };

const full: ReadonlySet<unknown> = new Set(["ENOSPC", "EDQUOT"]);

export function failureOf(error: unknown): Failure {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if (full.has((cause as { code?: unknown }).code))
      return {
        code: "disk-full",
        message: `the disk is full (${(error as Error).message}); checkpoints that were saved before are whole`,
        next: "free disk space, then resume the run",
      };
  const { code, message, next } = error as { code?: unknown; message?: string; next?: string };
  return {
    code: typeof code === "string" && code !== "" ? code : "unknown",
    message: message || String(error),
    next: next || "remove the cause, then resume the run",
  };
}
