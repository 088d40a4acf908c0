export type LlmErrorCode =
  | "bad-url"
  | "no-key"
  | "insecure-key"
  | "unauthorised"
  | "no-such-model"
  | "quota-spent"
  | "budget-spent"
  | "no-image-reader"
  | "other-request"
  | "bad-batch-file"
  | "bad-cache-entry";

/** A fault that concerns a model as a whole, or a file of this package. Keys never stand in its message. */
export class LlmError extends Error {
  override readonly name = "LlmError";
  readonly code: LlmErrorCode;

  constructor(code: LlmErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
