/** Why a statistic has no value. */
export type StatsErrorCode = "STATS_NO_DATA" | "STATS_ARGUMENT_INVALID" | "STATS_UNDEFINED";

/** A statistic that cannot be computed; `code` is stable. No function here returns NaN. */
export class StatsError extends Error {
  readonly code: StatsErrorCode;
  constructor(code: StatsErrorCode, message: string) {
    super(message);
    this.name = "StatsError";
    this.code = code;
  }
}

export function require(
  condition: boolean,
  message: string,
  code: StatsErrorCode = "STATS_ARGUMENT_INVALID",
): asserts condition {
  if (!condition) throw new StatsError(code, message);
}
