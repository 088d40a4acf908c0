import { describe, expect, it } from "vitest";
import { question } from "../../test/support/traces.ts";
import { balanceWeights } from "./balance-weights.ts";
import type { Proposal } from "./propose-pairs.ts";
import { rightAnswerOf } from "./right-answer.ts";

const proposal = (answer: string, margin: number): Proposal => ({
  ...{ questionId: "q", caseId: "q", chosen: "a", rejected: "b", kind: "wrong-answer", bothRight: false },
  ...{ answer, margin, lengthLogRatio: 0 },
});
const many = [0.1, 0.2, 0.3, 0.4, 0.5].map((margin) => proposal("normal", margin));
const few = [proposal("pneumonia", 0.2), proposal("pneumonia", 0.6)];
const all = [...many, ...few];
const sum = (list: readonly Proposal[], weight: (proposal: Proposal) => number) =>
  list.reduce((total, one) => total + weight(one), 0);

describe("balanceWeights", () => {
  it("lets every right answer weigh the same, keeps the ratio of margins inside one, and is 1 on average", () => {
    const weight = balanceWeights(all, { weight: "margin", outcomeOnly: false, balance: "answer" });
    expect(sum(many, weight)).toBeCloseTo(3.5, 10);
    expect(sum(few, weight)).toBeCloseTo(3.5, 10);
    expect(weight(few[1]!) / weight(few[0]!)).toBeCloseTo(3, 10);
  });

  it("leaves them as they come without it", () => {
    const weight = balanceWeights(all, { weight: "margin", outcomeOnly: false, balance: "none" });
    expect(sum(all, weight)).toBeCloseTo(all.length, 10);
    expect(sum(few, weight)).toBeCloseTo((0.8 / 2.3) * all.length, 10);
    expect(balanceWeights(all, { weight: "equal", outcomeOnly: false, balance: "none" })(all[0]!)).toBe(1);
  });
});

describe("rightAnswerOf", () => {
  it("says options in words, whatever their letter", () => {
    const shuffled = { ...question, options: ["No", "Yes"], gold: { labels: ["B"] } };
    expect(rightAnswerOf(shuffled)).toBe("yes");
    expect(rightAnswerOf({ ...question, options: ["Yes", "No"], gold: { labels: ["A"] } })).toBe("yes");
    expect(rightAnswerOf({ ...question, options: [], gold: { text: "Left lung", aliases: ["left"] } })).toBe(
      "left lung",
    );
  });
});
