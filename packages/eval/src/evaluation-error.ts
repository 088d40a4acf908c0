export type EvaluationErrorCode =
  | "image-missing"
  | "image-not-sent"
  | "other-evaluation"
  | "duplicate-question"
  | "reply-count"
  | "answer-missing"
  | "nothing-to-compare"
  | "mixed-records"
  | "no-swap-partner"
  | "no-protocol"
  | "bad-task"
  | "no-such-condition"
  | "no-evaluation";

/** A fault of an evaluation, with what to do about it in the message. */
export class EvaluationError extends Error {
  override readonly name = "EvaluationError";
  readonly code: EvaluationErrorCode;

  constructor(code: EvaluationErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.code = code;
  }
}
