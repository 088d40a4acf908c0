export type InspectErrorCode =
  | "not-a-log"
  | "damaged"
  | "entry-missing"
  | "entry-too-large"
  | "compression"
  | "not-json"
  | "not-ours"
  | "sample-twice";

/** A log that cannot be read or written. The message says which file and entry, and what to do. */
export class InspectError extends Error {
  override readonly name = "InspectError";
  readonly code: InspectErrorCode;

  constructor(code: InspectErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
