import type { Interval } from "./interval.ts";
import { require } from "./stats-error.ts";

/** `shown`: the interval lies above −margin; `refuted`: it lies below; `open`: the data do not say. */
export type NonInferiority = "shown" | "refuted" | "open";

/**
 * Whether a difference (new minus old) is no worse than −margin, by its two-sided interval: with a level of 95 % the one-sided error is 2.5 %
 * (CONSORT extension, Piaggio et al. 2012, JAMA 308:2594). The margin must be declared before the data are seen; it is a positive number in the unit of the difference.
 */
export function nonInferiority(
  { low, high }: Pick<Interval, "low" | "high">,
  margin: number,
): NonInferiority {
  require(margin > 0 && Number.isFinite(margin), `the margin must be a positive number, not ${margin}`);
  require(low <= high, `an interval has low ≤ high, not ${low} and ${high}`);
  if (low > -margin) return "shown";
  return high < -margin ? "refuted" : "open";
}
