export type PreferenceErrorCode =
  | "unknown-check"
  | "invalid-rubric"
  | "wrong-question"
  | "invalid-settings"
  | "unrated"
  | "share-unreachable"
  | "too-few-families"
  | "no-image"
  | "one-sided";

/** A fault of this package: a rubric that cannot be used, or candidates that cannot give what was asked for. */
export class PreferenceError extends Error {
  override readonly name = "PreferenceError";
  readonly code: PreferenceErrorCode;

  constructor(code: PreferenceErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
