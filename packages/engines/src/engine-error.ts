/** A fault of an engine or a launcher. The message says what happened and where, `next` what to do. */
export class EngineError extends Error {
  override readonly name = "EngineError";
  readonly code: string;
  readonly next: string;

  constructor(code: string, message: string, next: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.code = code;
    this.next = next;
  }
}
