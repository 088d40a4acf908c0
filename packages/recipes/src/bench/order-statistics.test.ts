import { describe, expect, it } from "vitest";
import { median, medianInterval } from "./order-statistics.ts";

describe("order statistics", () => {
  it("takes the middle, or the mean of the two in the middle", () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(() => median([])).toThrow(RangeError);
  });

  // The largest rank whose P(Binomial(n, ½) < rank) is at most 0.025, from a table of the binomial distribution.
  it.each([
    [3, 1, 3],
    [5, 1, 5],
    [6, 1, 6],
    [9, 2, 8],
    [10, 2, 9],
    [15, 4, 12],
    [25, 8, 18],
  ])("bounds the median of %i values by ranks %i and %i", (n, low, high) => {
    const values = Array.from({ length: n }, (_, at) => n - at);
    expect(medianInterval(values)).toEqual([low, high]);
  });
});
