import { bootstrapInterval } from "./bootstrap-interval.ts";
import { ece } from "./calibration.ts";
import type { Interval } from "./interval.ts";

/**
 * Expected calibration error with a percentile bootstrap over items. ECE is biased upwards in small samples, and so is its interval: a calibrated model does not reach 0.
 */
export function eceInterval(
  probabilities: ArrayLike<number>,
  outcomes: ArrayLike<boolean | number>,
  {
    bins = 10,
    ...options
  }: { bins?: number; resamples?: number; seed?: number | string; level?: number } = {},
): Interval {
  const n = probabilities.length;
  ece(probabilities, outcomes, bins); // says what is wrong with the data
  const { value, low, high } = bootstrapInterval(
    n,
    (indices) => {
      const drawn = Float64Array.from(indices, (i) => probabilities[i]!);
      return ece(
        drawn,
        Uint8Array.from(indices, (i) => Number(outcomes[i])),
        bins,
      ).value;
    },
    options,
  );
  return { value, low, high };
}
