import { createRandom } from "@mede2/stats";
import { describe, expect, it } from "vitest";
import { bestOf, passAtK, passHatK, vote } from "./choose-answer.ts";
import type { ScaledAnswer, ScaledQuestion } from "./scaled-question.ts";
import { scaledQuestions } from "./scaled-question.ts";
import { scalingCurve } from "./scaling-curve.ts";
import { choose, subsets } from "./subsets.ts";

const say = (said: string | null, score = 0, rating: number | null = null, tokens = 10): ScaledAnswer => ({
  ...{ said, score, rating, tokens },
});

describe("subsets", () => {
  it("are all of them while they are few", () => {
    expect(subsets(4, 2, createRandom(0))).toEqual([
      [0, 1],
      [0, 2],
      [0, 3],
      [1, 2],
      [1, 3],
      [2, 3],
    ]);
    expect(subsets(3, 3, createRandom(0))).toEqual([[0, 1, 2]]);
    expect(choose(16, 8)).toBe(12870);
    expect(choose(3, 5)).toBe(0);
  });

  it("are drawn evenly when they are many", () => {
    const drawn = subsets(16, 4, createRandom(1), 1000);
    expect(drawn).toHaveLength(1000);
    const counts = new Array<number>(16).fill(0);
    for (const pick of drawn) {
      expect(new Set(pick).size).toBe(4);
      for (const at of pick) counts[at]! += 1;
    }
    for (const count of counts) expect(count).toBeGreaterThan(190); // 250 expected, σ ≈ 14
  });
});

describe("choosing one of several answers", () => {
  it("votes for answers, not for being right", () => {
    expect(vote([say("a", 1), say("b"), say("b")], () => 1)).toEqual({ score: 0, tied: false });
    expect(vote([say("a", 1), say("a", 1), say("b")], () => 1)).toEqual({ score: 1, tied: false });
  });

  it("breaks ties by chance, and says so", () => {
    expect(vote([say("a", 1), say("b"), say("c")], () => 1)).toEqual({ score: 1 / 3, tied: true });
    expect(vote([say("a", 1), say(null), say(null)], () => 1)).toEqual({ score: 1, tied: false });
    expect(vote([say(null), say(null)], () => 1)).toEqual({ score: 0, tied: false });
  });

  it("weighs votes, and takes the best rated", () => {
    const answers = [say("a", 1, 0.9), say("b", 0, 0.3), say("b", 0, 0.4)];
    expect(vote(answers, ({ rating }) => rating ?? 0)).toEqual({ score: 1, tied: false });
    expect(bestOf(answers)).toEqual({ score: 1, tied: false });
    expect(bestOf([say("a", 1, 0.5), say("b", 0, 0.5), say("c", 1, null)])).toEqual({
      score: 0.5,
      tied: true,
    });
    expect(bestOf([say("a", 1, 0.5), say("a", 1, 0.5)]).tied).toBe(false);
  });

  it("estimates pass@k and pass^k as by counting every subset", () => {
    for (const [n, c] of [
      [8, 0],
      [8, 1],
      [8, 3],
      [8, 8],
      [5, 4],
    ] as const)
      for (const k of [1, 2, 4]) {
        const all = subsets(n, k, createRandom(0), 1e6);
        const right = (pick: number[]) => pick.filter((at) => at < c).length;
        expect(passAtK(n, c, k)).toBeCloseTo(all.filter((pick) => right(pick) > 0).length / all.length, 12);
        expect(passHatK(n, c, k)).toBeCloseTo(
          all.filter((pick) => right(pick) === k).length / all.length,
          12,
        );
      }
  });
});

/** Right with the given chance, else one of three wrong answers; right answers tend to be rated higher. */
function simulated(n: number, k: number, right: number): ScaledQuestion[] {
  const random = createRandom(7);
  return Array.from({ length: n }, (_, at) => ({
    questionId: `q:${at}`,
    cluster: `c${at >> 1}`,
    answers: Array.from({ length: k }, () => {
      const good = random.uniform() < right;
      return say(
        good ? "a" : `b${random.below(3)}`,
        Number(good),
        random.uniform() * (good ? 1 : 0.8),
        5 + random.below(20),
      );
    }),
  }));
}

describe("the curve", () => {
  const { curve, n, left } = scalingCurve(simulated(200, 16, 0.5), {
    k: [1, 4, 16],
    budgets: [10, 100],
    resamples: 500,
  });
  const at = (method: string, k: number) => curve.find((point) => point.method === method && point.k === k)!;

  it("rises where it should, between its bounds", () => {
    expect([n, left]).toEqual([200, 0]);
    expect(at("vote", 16).accuracy).toBeGreaterThan(at("vote", 4).accuracy);
    expect(at("vote", 16).gain!.low).toBeGreaterThan(0.2);
    expect(at("best", 16).accuracy).toBeGreaterThan(0.75);
    expect(at("weighted", 4).accuracy).toBeGreaterThan(at("vote", 4).accuracy);
    for (const k of [4, 16])
      for (const method of ["vote", "weighted", "best"]) {
        expect(at(method, k).accuracy).toBeLessThanOrEqual(at("pass@k", k).accuracy);
        expect(at(method, k).accuracy).toBeGreaterThanOrEqual(at("pass^k", k).accuracy);
      }
  });

  it("is the mean at k = 1, whatever the method", () => {
    for (const method of ["vote", "weighted", "best", "pass@k", "pass^k"])
      expect(at(method, 1).accuracy).toBeCloseTo(at("mean", 1).accuracy, 12);
    expect(at("vote", 1)).toMatchObject({ gain: null, ties: 0 });
  });

  it("tells what it costs, and what a budget of tokens leaves", () => {
    expect(at("vote", 16).tokens).toBeCloseTo(16 * at("mean", 1).tokens, 9);
    expect(at("budget", 100).accuracy).toBeCloseTo(at("mean", 1).accuracy, 12);
    expect(at("budget", 10).accuracy).toBeLessThan(at("mean", 1).accuracy);
    expect(at("budget", 10).tokens).toBeLessThanOrEqual(10);
  });

  it("leaves out questions with too few answers, and refuses when none is left", () => {
    const few = simulated(4, 2, 0.5);
    expect(scalingCurve([...simulated(6, 4, 0.5), ...few], { k: [4], resamples: 200 })).toMatchObject({
      n: 6,
      left: 4,
    });
    expect(() => scalingCurve(few, { k: [4] })).toThrow("the most is 2");
  });

  it("rates only where there are ratings", () => {
    const bare = simulated(10, 4, 0.5).map((question) => ({
      ...question,
      answers: question.answers.map((answer) => ({ ...answer, rating: null })),
    }));
    const methods = new Set(scalingCurve(bare, { resamples: 200 }).curve.map(({ method }) => method));
    expect([...methods].sort()).toEqual(["mean", "pass@k", "pass^k", "vote"]);
  });
});

describe("answers of a question", () => {
  it("are gathered from records of one condition, failed requests left out", async () => {
    const record = (sample: number, images: string, status: string, outcome: object) => ({
      ...{ questionId: "s:1", sample, images, traceId: `t${sample}`, outcome, group: { patient: "p" } },
      answer: {
        status,
        ...(status === "found" ? { labels: ["A"], text: " Yes " } : {}),
        rule: "boxed",
        span: null,
      },
      tokens: { prompt: 1, completion: 4 },
    });
    const records = [
      record(0, "real", "found", { correct: true }),
      record(1, "real", "unparsed", { correct: false }),
      record(2, "real", "error", { excluded: "error" }),
      record(0, "blank", "found", { correct: true }),
    ] as never[];
    const [question] = await scaledQuestions(records, { rating: (id) => (id === "t0" ? 0.5 : null) });
    expect(question).toEqual({
      questionId: "s:1",
      cluster: "p",
      answers: [
        { said: "yes", score: 1, tokens: 4, rating: 0.5 },
        { said: null, score: 0, tokens: 4, rating: null },
      ],
    });
  });
});
