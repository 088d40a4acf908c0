import { expect, it } from "vitest";
import { roundUpCount, roundUpSupervised } from "./round-up.ts";

it("pads supervised positions by a quarter at most, to few different counts", () => {
  const counts = new Set<number>();
  for (let value = 1; value <= 20_000; value++) {
    const rounded = roundUpSupervised(value);
    expect(rounded).toBeGreaterThanOrEqual(value);
    if (value > 32) expect(rounded / value).toBeLessThanOrEqual(1.25);
    expect(rounded).toBeLessThanOrEqual(roundUpCount(value));
    counts.add(rounded);
  }
  expect([...counts].filter((count) => count > 8192)).toEqual([10_240, 12_288, 14_336, 16_384, 20_480]);
});
