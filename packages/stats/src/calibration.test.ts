/** Against scikit-learn: `test/goldens/generate_calibration.py`. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { brier, ece } from "./calibration.ts";

type Case = {
  probabilities: number[];
  outcomes: number[];
  bins: number;
  brier: number;
  ece: number;
  rates: number[];
  means: number[];
};
const { cases } = JSON.parse(
  readFileSync(new URL("../test/goldens/calibration.json", import.meta.url), "utf8"),
) as { cases: Case[] };

describe("calibration", () => {
  it.each(cases)("is scikit-learn's, $bins bins", (golden) => {
    expect(brier(golden.probabilities, golden.outcomes)).toBeCloseTo(golden.brier, 12);
    const { value, bins } = ece(golden.probabilities, golden.outcomes, golden.bins);
    expect(value).toBeCloseTo(golden.ece, 12);
    bins.forEach(({ meanProbability, outcomeRate }, at) => {
      expect(meanProbability).toBeCloseTo(golden.means[at]!, 12);
      expect(outcomeRate).toBeCloseTo(golden.rates[at]!, 12);
    });
  });

  it("keeps equal probabilities together, whatever their order", () => {
    const outcomes = [1, 0, 1, 1, 0, 1];
    const { value, bins } = ece(new Array(6).fill(0.9), outcomes, 3);
    expect(bins).toHaveLength(1);
    expect(value).toBeCloseTo(0.9 - 4 / 6, 12);
    const mixed = [0.2, 0.2, 0.2, 0.8, 0.8, 0.8];
    const turned = [...mixed.keys()].reverse();
    expect(
      ece(
        turned.map((i) => mixed[i]!),
        turned.map((i) => outcomes[i]!),
        4,
      ).value,
    ).toBeCloseTo(ece(mixed, outcomes, 4).value, 12);
  });

  it("is 0 for certainty that is right, 1 for certainty that is wrong", () => {
    expect([brier([1, 0], [true, false]), ece([1, 0], [true, false]).value]).toEqual([0, 0]);
    expect([brier([1, 0], [0, 1]), ece([1, 0], [0, 1]).value]).toEqual([1, 1]);
  });

  it("refuses nothing, other lengths and what is no probability", () => {
    expect(() => brier([], [])).toThrow(expect.objectContaining({ code: "STATS_NO_DATA" }));
    expect(() => ece([0.5], [])).toThrow(/as many outcomes/);
    expect(() => ece([1.1], [1])).toThrow(/0–1/);
    expect(() => brier([Number.NaN], [1])).toThrow(/0–1/);
    expect(() => ece([0.5], [1], 0)).toThrow(/bins/);
  });
});
