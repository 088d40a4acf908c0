import { createRandom } from "@mede2/stats";
import { describe, expect, it } from "vitest";
import { recordOf } from "../../test/support/records.ts";
import { compare, poolComparisons, poolUnits, reliance, relianceDifference, withHolm } from "../index.ts";

/** `kept` right on both sides, `lost`, `won`, the rest wrong on both. */
function flips(kept: number, lost: number, won: number, rest: number) {
  const sides = [
    ...new Array<[boolean, boolean]>(kept).fill([true, true]),
    ...new Array<[boolean, boolean]>(lost).fill([true, false]),
    ...new Array<[boolean, boolean]>(won).fill([false, true]),
    ...new Array<[boolean, boolean]>(rest).fill([false, false]),
  ];
  return {
    a: sides.map(([right], at) => recordOf(at, right)),
    b: sides.map(([, right], at) => recordOf(at, right, { stage: "stage1" })),
  };
}

describe("compare", () => {
  it("gives the numbers of a published set of answers: GPT-4o, MMMU-Pro Health & Medicine, direct to chain of thought", () => {
    // 286 items, 96 right on both sides, 17 lost, 68 won: +17.8 [11.9, 23.8], p < 0.0001
    const { a, b } = flips(96, 17, 68, 105);
    const result = compare(a, b, { seed: 1 });
    expect(result).toMatchObject({
      from: "base",
      to: "stage1",
      n: 286,
      clusters: 286,
      won: 68,
      lost: 17,
      unpaired: 0,
    });
    expect(result.a).toBeCloseTo(113 / 286, 12);
    expect(result.difference).toBeCloseTo(0.178, 3);
    expect(result.low).toBeCloseTo(0.119, 2);
    expect(result.high).toBeCloseTo(0.238, 2);
    expect(result.p).toBeLessThan(0.001);
    expect(result.mcnemar!.p).toBeLessThan(1e-7);
    expect(result.detectable).toBeGreaterThan(0.082); // discordance 0.297, between the 8.2 points at .25 and the 9.8 at .35
    expect(result.detectable).toBeLessThan(0.098);
    expect(result.wonIds).toHaveLength(68);
    expect(compare(a, b, { seed: 1 })).toEqual(result);
  });

  it("is wider when questions come in clusters that move together", () => {
    const clustered = (stage: "base" | "stage1") =>
      Array.from({ length: 200 }, (_, at) =>
        recordOf(at, stage === "base" ? false : (at >> 2) % 3 === 0, {
          stage,
          group: { case: `c${at >> 2}` },
        }),
      );
    const together = compare(clustered("base"), clustered("stage1"));
    const alone = compare(clustered("base"), clustered("stage1"), { cluster: null });
    expect(together.clusters).toBe(50);
    expect((together.high - together.low) / (alone.high - alone.low)).toBeCloseTo(2, 0);
    expect(together.detectable!).toBeGreaterThan(alone.detectable! * 1.7);
  });

  it("pairs by question, leaves out what is excluded and says how many", () => {
    const a = [recordOf(1, true), recordOf(2, null), recordOf(3, false), recordOf(5, null)];
    const b = [
      recordOf(3, true, { stage: "stage1" }),
      recordOf(1, true, { stage: "stage1" }),
      recordOf(2, true, { stage: "stage1" }),
      recordOf(4, true, { stage: "stage1" }),
      recordOf(5, null, { stage: "stage1" }),
    ];
    expect(compare(a, b)).toMatchObject({ n: 2, difference: 0.5, unpaired: 3, wonIds: ["q:3"] });
  });

  it("takes means over samples", () => {
    const a = [0, 1].map((sample) => recordOf(1, sample === 0, { sample }));
    const b = [0, 1].map((sample) => recordOf(1, true, { sample, stage: "stage1" }));
    expect(compare(a, b)).toMatchObject({ a: 0.5, b: 1, difference: 0.5, mcnemar: null, detectable: null });
  });

  it("refuses records that are not of one evaluation, and questions that do not meet", () => {
    const mixed = [recordOf(1, true), recordOf(2, true, { protocol: "direct" })];
    expect(() => compare(mixed, mixed)).toThrow(expect.objectContaining({ code: "mixed-records" }));
    const twice = [recordOf(1, true), recordOf(1, false)];
    expect(() => compare(twice, twice)).toThrow(expect.objectContaining({ code: "mixed-records" }));
    expect(() => compare([recordOf(1, true)], [recordOf(2, true)])).toThrow(
      expect.objectContaining({ code: "nothing-to-compare" }),
    );
  });

  it("adjusts a family", () => {
    expect(withHolm([{ p: 0.01 }, { p: 0.04 }, { p: 0.03 }]).map(({ holm }) => holm)).toEqual([
      0.03, 0.06, 0.06,
    ]);
  });
});

/** Answers that follow the image in `seen` of `n` questions, and are right without it in the first `blind`. */
function answers(n: number, seen: number, blind: number, stage: "base" | "stage1", seed: number) {
  const order = createRandom(seed).shuffled(Array.from({ length: n }, (_, at) => at));
  return order.flatMap((rank, at) => [
    recordOf(at, rank < seen, { stage }),
    recordOf(at, rank < blind, { stage, images: "swapped" }),
  ]);
}

describe("reliance", () => {
  it("is accuracy with real minus with swapped images, and compares between models", () => {
    const base = answers(200, 100, 90, "base", 1);
    const tuned = answers(200, 150, 40, "stage1", 2);
    expect(reliance(base)).toMatchObject({ difference: 0.05, from: "swapped", to: "real", n: 200 });
    const gain = relianceDifference(base, tuned);
    expect(gain.difference).toBeCloseTo(0.5, 12);
    expect(gain.low).toBeGreaterThan(0.35);
    expect(gain.high).toBeLessThan(0.65);
  });
});

describe("poolComparisons", () => {
  const runs = [1, 2, 3].map((seed) => ({
    name: `seed ${seed}`,
    a: answers(300, 120, 100, "base", seed),
    b: answers(300, 150 + 10 * seed, 60, "stage1", 10 + seed),
  }));

  it("averages the runs' differences and shows each", () => {
    const pooled = poolComparisons(runs);
    expect(pooled.difference).toBeCloseTo((40 + 50 + 60) / 900, 12);
    expect(pooled.runs.map(({ to, difference }) => [to, Math.round(difference * 300)])).toEqual([
      ["seed 1", 40],
      ["seed 2", 50],
      ["seed 3", 60],
    ]);
    expect(pooled.low).toBeGreaterThan(0);
    expect(pooled.betweenRuns).toBeCloseTo(10 / 300, 12);
    expect(poolComparisons(runs, { measure: "reliance" }).difference).toBeCloseTo((80 + 90 + 100) / 900, 12);
    expect(poolComparisons(runs)).toEqual(pooled);
  });

  it("equals the bootstrap of the only run", () => {
    const [run] = runs;
    const pooled = poolComparisons([run!], { seed: 3 });
    const alone = compare(run!.a, run!.b, { seed: 3 });
    expect([pooled.low, pooled.high, pooled.p]).toEqual([alone.low, alone.high, alone.p]);
    expect(pooled.betweenRuns).toBeNull();
  });

  it("does not take the same questions asked of several runs for more questions", () => {
    const units = Array.from({ length: 100 }, (_, at) => ({
      questionId: `q:${at}`,
      cluster: `q:${at}`,
      a: 0,
      b: at % 3 === 0 ? 1 : 0,
    }));
    const same = [1, 2, 3, 4].map((seed) => ({ name: String(seed), units, unpaired: 0 }));
    const width = ({ low, high }: { low: number; high: number }) => high - low;
    const alone = width(poolUnits(same.slice(0, 1)));
    expect(width(poolUnits(same)) / alone).toBeCloseTo(1, 1);
    expect(width(poolUnits(same, { questions: "within" })) / alone).toBeCloseTo(0.5, 1);
  });

  it("speaks of runs like these when runs are drawn too", () => {
    const units = (gain: number) =>
      Array.from({ length: 200 }, (_, at) => ({
        questionId: `q:${at}`,
        cluster: `q:${at}`,
        a: 0,
        b: at < gain ? 1 : 0,
      }));
    const varied = [10, 50, 90].map((gain) => ({ name: String(gain), units: units(gain), unpaired: 0 }));
    const fixed = poolUnits(varied);
    const drawn = poolUnits(varied, { runs: "resampled" });
    expect(drawn.difference).toBe(fixed.difference);
    expect(drawn.high - drawn.low).toBeGreaterThan(2 * (fixed.high - fixed.low));
  });

  it("covers the truth about as often as it says", () => {
    const random = createRandom(5);
    let covered = 0;
    const experiments = 300;
    for (let experiment = 0; experiment < experiments; experiment++) {
      // four runs on the same 80 questions; question effects are common to the runs; the true mean difference is 0.2
      const ease = Array.from({ length: 80 }, () => random.uniform());
      const simulated = Array.from({ length: 4 }, (_, run) => ({
        name: String(run),
        unpaired: 0,
        units: ease.map((easy, at) => ({
          questionId: String(at),
          cluster: String(at),
          a: 0,
          b: random.uniform() < (easy < 0.4 ? 0.45 : 1 / 30) ? 1 : 0,
        })),
      }));
      const { low, high } = poolUnits(simulated, { resamples: 400, seed: experiment });
      if (low <= 0.2 && 0.2 <= high) covered += 1;
    }
    expect(covered / experiments).toBeGreaterThan(0.9);
    expect(covered / experiments).toBeLessThan(0.98);
  });
});
