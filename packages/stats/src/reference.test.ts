/** Every figure against SciPy, statsmodels, scikit-learn or krippendorff: `test/goldens/generate.py`. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { auroc } from "./auroc.ts";
import { cohenKappa } from "./cohen-kappa.ts";
import { binomialCdf, normalCdf, normalQuantile, studentQuantile } from "./distributions.ts";
import { krippendorffAlpha } from "./krippendorff-alpha.ts";
import { holm, mcnemarExact } from "./mcnemar.ts";
import { clusteredInterval, meanInterval } from "./mean-interval.ts";
import { pairedClusterBootstrap } from "./paired-bootstrap.ts";
import { clopperPearson, wilson } from "./proportion.ts";

// biome-ignore format: one line a golden
type Reference = Record<"wilson" | "clopperPearson" | "normalQuantile" | "normalCdf" | "studentQuantile" | "binomialCdf" | "mcnemar" | "holm", number[][]> & {
  clustered: { scores: number[]; clusters: number[]; standardError: number; low: number; high: number };
  mean: { values: number[]; interval: [number, number] };
  auroc: { scores: number[]; labels: number[]; value: number; interval: [number, number] };
  kappa: { a: number[]; b: number[] } & Record<"none" | "linear" | "quadratic", [number, number]>;
  alpha: { ratings: (number | null)[][] } & Record<"nominal" | "ordinal" | "interval", number>;
  bca: { a: number[]; b: number[]; interval: [number, number] };
};
const reference = JSON.parse(
  readFileSync(new URL("../test/goldens/reference.json", import.meta.url), "utf8"),
) as Reference;

const close = (actual: number, expected: number, relative = 1e-10) =>
  expect(Math.abs(actual - expected) / Math.max(Math.abs(expected), 1e-12)).toBeLessThan(relative);

describe("distributions", () => {
  it.each(reference.normalQuantile)("Φ⁻¹(%d)", (p, z) =>
    z === 0 ? expect(normalQuantile(p!)).toBeCloseTo(0, 12) : close(normalQuantile(p!), z!),
  );
  it.each(reference.normalCdf)("Φ(%d)", (z, p) => close(normalCdf(z!), p!));
  it.each(reference.studentQuantile)("t quantile %d, %d df", (p, df, t) =>
    close(studentQuantile(p!, df!), t!),
  );
  it.each(reference.binomialCdf)("P(X ≤ %d), n %d, p %d", (k, n, p, expected) =>
    close(binomialCdf(k!, n!, p!), expected!),
  );
});

describe("proportions", () => {
  it.each(reference.wilson)("wilson %d of %d at %d", (k, n, level, low, high) => {
    const interval = wilson(k!, n!, level!);
    expect(interval.value).toBe(k! / n!);
    expect(interval.low).toBeCloseTo(low!, 12);
    expect(interval.high).toBeCloseTo(high!, 12);
  });
  it.each(reference.clopperPearson)("Clopper–Pearson %d of %d at %d", (k, n, level, low, high) => {
    expect(clopperPearson(k!, n!, level!).low).toBeCloseTo(low!, 11);
    expect(clopperPearson(k!, n!, level!).high).toBeCloseTo(high!, 11);
  });
});

it.each(reference.mcnemar)("McNemar %d and %d", (lost, won, p) => close(mcnemarExact(lost!, won!).p, p!));
it("Holm", () => holm(reference.holm[0]!).forEach((p, at) => void close(p, reference.holm[1]![at]!)));

describe("means", () => {
  it("clustered", () => {
    const { scores, clusters, standardError, low, high } = reference.clustered;
    const interval = clusteredInterval(scores, clusters);
    close(interval.standardError, standardError);
    close(interval.low, low);
    close(interval.high, high);
    expect(interval.clusters).toBe(40);
  });
  it("independent", () => {
    const { low, high } = meanInterval(reference.mean.values);
    close(low, reference.mean.interval[0]);
    close(high, reference.mean.interval[1]);
  });
});

it("AUROC with DeLong's interval, with ties", () => {
  const { scores, labels, value, interval } = reference.auroc;
  const found = auroc(scores, labels);
  close(found.value, value);
  close(found.low, interval[0]);
  close(found.high, interval[1]);
});

it.each(["none", "linear", "quadratic"] as const)("Cohen's kappa, weights %s", (weights) => {
  const { a, b, [weights]: expected } = reference.kappa;
  const { value, low, high } = cohenKappa(a, b, { weights });
  close(value, expected[0]);
  close((high - low) / 2 / 1.959963984540054, expected[1], 1e-9);
});

it.each(["nominal", "ordinal", "interval"] as const)("Krippendorff's alpha, %s", (metric) => {
  const { value, low, high } = krippendorffAlpha(reference.alpha.ratings, { metric });
  close(value, reference.alpha[metric]);
  expect(low).toBeLessThan(value);
  expect(high).toBeGreaterThan(value);
});

it("the BCa interval of the paired difference, up to Monte-Carlo error", () => {
  const { a, b, interval } = reference.bca;
  const { low, high } = pairedClusterBootstrap({ a, b }, { method: "bca", resamples: 40_000, seed: 3 });
  expect(Math.abs(low - interval[0])).toBeLessThanOrEqual(0.0051); // one step of 1/200
  expect(Math.abs(high - interval[1])).toBeLessThanOrEqual(0.0051);
});
