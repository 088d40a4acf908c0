/** Against numpy and scikit-learn: `test/goldens/generate_selective.py`. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { brier } from "./calibration.ts";
import { eceInterval } from "./ece-interval.ts";
import { nonInferiority } from "./non-inferiority.ts";
import { createRandom } from "./random.ts";
import { repeatedSamples } from "./repeated-samples.ts";
import { riskCoverage } from "./risk-coverage.ts";

type Curve = { confidence: number[]; correct: number[]; aurc: number; excess: number; brier: number };
type Repeated = { scores: number[][]; mean: number; standardError: number; samplingVariance: number };
const goldens = JSON.parse(
  readFileSync(new URL("../test/goldens/selective.json", import.meta.url), "utf8"),
) as { curves: Curve[]; repeated: Repeated[] };

describe("riskCoverage", () => {
  it.each(goldens.curves)("is numpy's", ({ confidence, correct, aurc, excess, brier: score }) => {
    const found = riskCoverage(confidence, correct);
    expect(found.aurc).toBeCloseTo(aurc, 12);
    expect(found.excess).toBeCloseTo(excess, 12);
    expect(brier(confidence, correct)).toBeCloseTo(score, 12);
    expect(found.points.at(-1)).toMatchObject({
      coverage: 1,
      risk: expect.closeTo(1 - correct.reduce((sum, one) => sum + one, 0) / correct.length, 12),
    });
  });
  it("is nothing but the error rate when all are equally sure, and has no excess when the ranking is perfect", () => {
    expect(riskCoverage([0.5, 0.5, 0.5, 0.5], [1, 0, 1, 1]).points).toEqual([
      { coverage: 1, risk: 0.25, threshold: 0.5 },
    ]);
    expect(riskCoverage([0.9, 0.8, 0.7, 0.1], [1, 1, 1, 0]).excess).toBeCloseTo(0, 12);
    expect(() => riskCoverage([], [])).toThrow(expect.objectContaining({ code: "STATS_NO_DATA" }));
    expect(() => riskCoverage([Number.NaN], [1])).toThrow(/exclude it/);
  });
});

describe("eceInterval", () => {
  it("holds the value of a calibrated model near 0, and is far from it for one that boasts", () => {
    const random = createRandom(4);
    const probabilities = Array.from({ length: 600 }, () => random.uniform());
    const outcomes = probabilities.map((p) => Number(random.uniform() < p));
    const honest = eceInterval(probabilities, outcomes, { resamples: 300, seed: 1 });
    expect(honest.low).toBeLessThan(0.06);
    expect(honest.low).toBeLessThanOrEqual(honest.value);
    const boasting = eceInterval(
      probabilities.map(() => 0.95),
      outcomes,
      { resamples: 300, seed: 1 },
    );
    expect(boasting.low).toBeGreaterThan(0.35);
    expect(boasting.high).toBeLessThan(0.55);
  });
});

describe("repeatedSamples", () => {
  it.each(goldens.repeated)("is numpy's", ({ scores, mean, standardError, samplingVariance }) => {
    const found = repeatedSamples(scores);
    expect(found.value).toBeCloseTo(mean, 12);
    expect(found.standardError).toBeCloseTo(standardError, 12);
    expect(found.samplingVariance).toBeCloseTo(samplingVariance, 12);
    expect(found.questionVariance + found.samplingVariance).toBeCloseTo(standardError ** 2, 12);
  });
  it("takes questions, not answers, as what is drawn: more answers do not make more questions", () => {
    const few = repeatedSamples([[1], [0], [1], [0]]);
    const many = repeatedSamples([
      [1, 1, 1],
      [0, 0, 0],
      [1, 1, 1],
      [0, 0, 0],
    ]);
    expect(many.standardError).toBeCloseTo(few.standardError, 12);
    expect(many.samplingVariance).toBe(0);
    expect(() => repeatedSamples([[1], []])).toThrow(/question 1/);
  });
});

describe("nonInferiority", () => {
  it.each([
    [-0.01, 0.03, "shown"],
    [-0.03, 0.01, "open"],
    [-0.08, -0.03, "refuted"],
    [-0.02, 0.01, "open"], // on the margin is not above it
  ])("[%d, %d] with a margin of 2 points is %s", (low, high, expected) =>
    expect(nonInferiority({ low, high }, 0.02)).toBe(expected),
  );
  it("needs a declared margin", () => expect(() => nonInferiority({ low: 0, high: 1 }, 0)).toThrow(/margin/));
});
