export type DataErrorCode =
  | "curate-too-few"
  | "curate-plan"
  | "data-changed"
  | "demos-too-few"
  | "demos-other-answers"
  | "teacher-failed"
  | "ocr-missing"
  | "ocr-failed";

/** A fault that ends a command over data; `code` is stable, the message says what and where, `next` what to do. */
export class DataError extends Error {
  override readonly name = "DataError";
  readonly code: DataErrorCode;
  readonly next: string;
  constructor(code: DataErrorCode, message: string, next: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.code = code;
    this.next = next;
  }
}
