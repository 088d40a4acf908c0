/** A fault of a run: what happened, and what the reader can do next. */
export class TrainerError extends Error {
  readonly code: string;
  readonly next: string;

  constructor(code: string, message: string, next: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "TrainerError";
    this.code = code;
    this.next = next;
  }
}
