import { describe, expect, it } from "vitest";
import { auroc } from "./auroc.ts";
import { bootstrapInterval } from "./bootstrap-interval.ts";
import { cohenKappa } from "./cohen-kappa.ts";
import { binomialPmf } from "./distributions.ts";
import { krippendorffAlpha } from "./krippendorff-alpha.ts";
import { holm, mcnemarExact } from "./mcnemar.ts";
import { clusteredInterval } from "./mean-interval.ts";
import { pairedClusterBootstrap, pairedSignFlip } from "./paired-bootstrap.ts";
import { minimumDetectableDifference, requiredPairs } from "./power.ts";
import { clopperPearson, wilson } from "./proportion.ts";
import { createRandom } from "./random.ts";
import { StatsError } from "./stats-error.ts";

/** Paired 0/1 scores with so many items lost and won; the rest agree. */
function pairs(n: number, lost: number, won: number) {
  return {
    a: Array.from({ length: n }, (_, i) => (i < lost ? 1 : i < lost + won ? 0 : i % 2)),
    b: Array.from({ length: n }, (_, i) => (i < lost ? 0 : i < lost + won ? 1 : i % 2)),
  };
}

// Two published contrasts of GPT-4o on the 286 health questions of MMMU-Pro (outputs shipped by MMMU).
describe("real contrasts on 286 items", () => {
  it("direct to chain of thought: 17 lost, 68 won", () => {
    const scores = pairs(286, 17, 68);
    const { difference, low, high, p } = pairedClusterBootstrap(scores, { seed: 1 });
    expect(difference).toBeCloseTo(0.178, 3);
    expect(low).toBeCloseTo(0.119, 2);
    expect(high).toBeCloseTo(0.238, 2);
    expect(p).toBe(2 / 10_001);
    expect(
      clusteredInterval(
        scores.b.map((score, i) => score - scores.a[i]!),
        null,
      ).standardError,
    ).toBeCloseTo(0.0305, 4);
    expect(mcnemarExact(17, 68).p).toBeLessThan(0.0001);
  });
  it("vision to standard: 26 lost, 39 won", () => {
    const { difference, low, high, p } = pairedClusterBootstrap(pairs(286, 26, 39), { seed: 1 });
    expect(difference).toBeCloseTo(0.045, 3);
    expect(low).toBeCloseTo(-0.01, 2);
    expect(high).toBeCloseTo(0.101, 2);
    expect(mcnemarExact(26, 39).p).toBeCloseTo(0.136, 3);
    expect(p).toBeGreaterThan(0.05);
  });
});

describe("pairedClusterBootstrap", () => {
  it("depends on the seed alone, and turns its sign with the direction", () => {
    const { a, b } = pairs(100, 10, 20);
    const once = pairedClusterBootstrap({ a, b }, { seed: 5 });
    expect(pairedClusterBootstrap({ a, b }, { seed: 5 })).toEqual(once);
    expect(pairedClusterBootstrap({ a: b, b: a }, { seed: 5 }).difference).toBeCloseTo(-once.difference, 12);
    expect(once).toMatchObject({ n: 100, clusters: 100, resamples: 10_000 });
  });
  it("is wider when the items of a cluster move together", () => {
    const base = pairs(40, 4, 12);
    const repeat = (values: number[]) => values.flatMap((value) => Array<number>(10).fill(value));
    const scores = { a: repeat(base.a), b: repeat(base.b) };
    const cluster = repeat(Array.from({ length: 40 }, (_, i) => i));
    const width = ({ low, high }: { low: number; high: number }) => high - low;
    const [naive, clustered, single] = [
      pairedClusterBootstrap(scores),
      pairedClusterBootstrap({ ...scores, cluster }),
      pairedClusterBootstrap(base),
    ];
    expect(width(clustered) / width(naive)).toBeGreaterThan(2.8); // √10
    expect(width(clustered)).toBeCloseTo(width(single), 10);
  });
  it("says no difference when there is none", () =>
    expect(pairedClusterBootstrap(pairs(50, 0, 0))).toMatchObject({ difference: 0, low: 0, high: 0, p: 1 }));
  it("covers the truth in 95 % of experiments, clustered", () => {
    const random = createRandom(2);
    let covered = 0;
    for (let experiment = 0; experiment < 400; experiment++) {
      const rows = Array.from({ length: 60 }, (_, cluster) => {
        const [before, after] = [random.uniform(), random.uniform()];
        return Array.from({ length: 1 + random.below(5) }, () => ({
          cluster,
          a: Number(random.uniform() < 0.3 + 0.4 * before),
          b: Number(random.uniform() < 0.4 + 0.4 * after),
        }));
      }).flat();
      const { low, high } = pairedClusterBootstrap(
        { a: rows.map(({ a }) => a), b: rows.map(({ b }) => b), cluster: rows.map(({ cluster }) => cluster) },
        { resamples: 1000, seed: experiment },
      );
      if (low <= 0.1 && 0.1 <= high) covered++;
    }
    expect(covered / 400).toBeGreaterThan(0.92);
    expect(covered / 400).toBeLessThan(0.98);
  });
  it("takes 6,719 items and 10,000 resamples within seconds", () => {
    const before = performance.now();
    pairedClusterBootstrap(pairs(6719, 500, 600));
    expect(performance.now() - before).toBeLessThan(8_000);
  });
  it("refuses what cannot be compared", () => {
    expect(() => pairedClusterBootstrap({ a: [1], b: [1, 0] })).toThrowError(/as many/);
    expect(() => pairedClusterBootstrap({ a: [], b: [] })).toThrowError(StatsError);
    expect(() => pairedClusterBootstrap({ a: [1, Number.NaN], b: [1, 0] })).toThrowError(/pair 1/);
  });
});

it("the sign-flip test agrees with the exact test on independent items", () => {
  expect(pairedSignFlip(pairs(286, 26, 39), { resamples: 20_000, seed: 1 }).p).toBeCloseTo(
    mcnemarExact(26, 39).p,
    1,
  );
  expect(pairedSignFlip(pairs(20, 0, 8), { resamples: 20_000 }).p).toBeCloseTo(2 / 256, 2);
});

describe("McNemar and Holm", () => {
  it("mid-p is smaller by the probability of the observed table", () => {
    // Fagerland et al. 2013, table 2: 1 and 7 discordant; exact 0.0703, mid-p 0.0391
    expect(mcnemarExact(1, 7).p).toBeCloseTo(0.0703, 4);
    expect(mcnemarExact(1, 7).midP).toBeCloseTo(0.0391, 4);
    expect(mcnemarExact(3, 3).midP).toBeCloseTo(1 - binomialPmf(3, 6, 0.5) / 2, 12);
    expect(mcnemarExact(0, 0)).toEqual({ p: 1, midP: 1 });
  });
  it("Holm keeps the order given", () => {
    expect(holm([0.04, 0.01, 0.03]).map((p) => Number(p.toFixed(12)))).toEqual([0.06, 0.03, 0.06]);
    expect(holm([])).toEqual([]);
  });
});

describe("power", () => {
  it.each([
    [150, 0.15, 0.088],
    [150, 0.25, 0.113],
    [150, 0.35, 0.134],
    [286, 0.15, 0.064],
    [286, 0.25, 0.082],
    [286, 0.35, 0.098],
    [308, 0.15, 0.062],
    [308, 0.25, 0.08],
    [308, 0.35, 0.094],
    [451, 0.15, 0.051],
    [451, 0.25, 0.066],
    [451, 0.35, 0.078],
    [500, 0.15, 0.048],
    [500, 0.25, 0.062],
    [500, 0.35, 0.074],
    [1061, 0.15, 0.033],
    [1061, 0.25, 0.043],
    [1061, 0.35, 0.051],
    [1273, 0.15, 0.03],
    [1273, 0.25, 0.039],
    [1273, 0.35, 0.046],
    [2000, 0.15, 0.024],
    [2000, 0.25, 0.031],
    [2000, 0.35, 0.037],
    [2450, 0.15, 0.022],
    [2450, 0.25, 0.028],
    [2450, 0.35, 0.033],
    [4183, 0.15, 0.017],
    [4183, 0.25, 0.022],
    [4183, 0.35, 0.026],
    [6719, 0.15, 0.013],
    [6719, 0.25, 0.017],
    [6719, 0.35, 0.02],
  ])("%d pairs with discordance %d show %d", (n, discordance, expected) =>
    expect(minimumDetectableDifference(n, { discordance })).toBeCloseTo(expected, 3),
  );
  it.each([
    [0.05, 0.15, 469],
    [0.05, 0.25, 783],
    [0.05, 0.35, 1096],
    [0.03, 0.15, 1306],
    [0.03, 0.25, 2178],
    [0.03, 0.35, 3050],
    [0.02, 0.15, 2941],
    [0.02, 0.25, 4903],
    [0.02, 0.35, 6865],
  ])("a difference of %d with discordance %d needs %d pairs", (difference, discordance, n) =>
    expect(Math.abs(requiredPairs(difference, { discordance }) - n)).toBeLessThanOrEqual(1),
  );
  it("is null when nothing could be shown, and grows with the design effect", () => {
    expect(minimumDetectableDifference(5, { discordance: 0.1 })).toBeNull();
    expect(minimumDetectableDifference(572, { discordance: 0.15, designEffect: 2 })).toBeCloseTo(
      minimumDetectableDifference(286, { discordance: 0.15 })!,
      12,
    );
  });
});

describe("coverage of intervals", () => {
  it("Wilson's mean coverage is 95 %, Clopper–Pearson's never less", () => {
    const coverage = (interval: typeof wilson, n: number, p: number) => {
      let sum = 0;
      for (let k = 0; k <= n; k++) {
        const { low, high } = interval(k, n);
        if (low <= p && p <= high) sum += binomialPmf(k, n, p);
      }
      return sum;
    };
    const grid = Array.from({ length: 19 }, (_, i) => 0.05 * (i + 1));
    const mean = grid.reduce((sum, p) => sum + coverage(wilson, 150, p), 0) / grid.length;
    expect(mean).toBeGreaterThan(0.94);
    expect(mean).toBeLessThan(0.96);
    for (const p of grid) expect(coverage(clopperPearson, 30, p)).toBeGreaterThanOrEqual(0.95);
  });
});

describe("absence is named, never NaN", () => {
  it.each([
    ["wilson", () => wilson(0, 0), "STATS_NO_DATA"],
    ["wilson of more than all", () => wilson(3, 2), "STATS_ARGUMENT_INVALID"],
    ["one cluster", () => clusteredInterval([1, 0], ["x", "x"]), "STATS_NO_DATA"],
    ["one class", () => auroc([1, 2], [1, 1]), "STATS_NO_DATA"],
    ["a score that is no number", () => auroc([1, Number.NaN], [1, 0]), "STATS_ARGUMENT_INVALID"],
    ["one category", () => cohenKappa(["a", "a"], ["a", "a"]), "STATS_UNDEFINED"],
    ["no pair of ratings", () => krippendorffAlpha([[1, null]]), "STATS_NO_DATA"],
    ["equal ratings", () => krippendorffAlpha([[1, 1]]), "STATS_UNDEFINED"],
    ["discordance 0", () => minimumDetectableDifference(10, { discordance: 0 }), "STATS_ARGUMENT_INVALID"],
  ])("%s", (_, call, code) => expect(call).toThrowError(expect.objectContaining({ code })));
});

it("auroc at the ends has an honest interval", () => {
  expect(auroc([3, 4, 1, 2], [1, 1, 0, 0])).toMatchObject({
    value: 1,
    high: 1,
    low: expect.closeTo(0.158, 3),
  });
  expect(auroc([1, 1, 1, 1], [1, 0, 1, 0]).value).toBe(0.5);
});

it("bootstrapInterval leaves out and counts undefined resamples", () => {
  const { value, low, high, undefinedResamples } = bootstrapInterval(
    4,
    (indices) => (new Set(indices).size === 1 ? null : indices[0]!),
    { resamples: 500 },
  );
  expect(value).toBe(0);
  expect(low).toBeLessThanOrEqual(high);
  expect(undefinedResamples).toBeGreaterThan(0);
});
