import { demonstrationSchema } from "@mede2/schemas";
import { describe, expect, it } from "vitest";
import { madeCandidates, randomCandidates } from "../test/support/candidates.ts";
import { good, question, traceOf } from "../test/support/traces.ts";
import { bestOf, buildPairs, chosenDemonstrations, scoreCandidates } from "./index.ts";

describe("bestOf", () => {
  const one = madeCandidates("1", [
    { right: false, reflection: 1 },
    { right: true, reflection: 0.2 },
    { right: true, reflection: 0.9 },
    { right: true, reflection: 1, gate: false },
  ]);

  it("takes any right answer by chance, or the best that passes the gates", () => {
    const best = bestOf([one], { by: "mmrp" }).demonstrations;
    expect(best.map(({ trace }) => trace.id)).toEqual([one.traces[2]!.id]);
    demonstrationSchema.parse(best[0]);
    expect(best[0]!.checks).toContainEqual({ name: "answer-correct", passed: true });
    const drawn = new Set(
      Array.from({ length: 40 }, (_, seed) => bestOf([one], { seed }).demonstrations[0]!.trace.id),
    );
    expect([...drawn].sort()).toEqual(
      one.traces
        .slice(1)
        .map(({ id }) => id)
        .sort(),
    );
    expect(bestOf([one], { perQuestion: 9 }).demonstrations).toHaveLength(3);
    expect(bestOf([one], { seed: 1 })).toEqual(bestOf([one], { seed: 1 }));
  });

  it("says why a question gives none", () => {
    const wrong = madeCandidates("2", [{ right: false }]);
    const gated = madeCandidates("3", [{ right: true, gate: false }]);
    expect(bestOf([wrong, gated], { by: "mmrp" }).dropped).toEqual({
      "no-right-answer": 1,
      "no-answer-passes-the-gates": 1,
    });
  });
});

describe("chosenDemonstrations", () => {
  it("has each chosen trace once", () => {
    const { pairs } = buildPairs(randomCandidates(50, 6, 1), { perChosen: 2, perCase: 4 });
    const chosen = chosenDemonstrations(pairs);
    expect(chosen.map(({ trace }) => trace.id).sort()).toEqual(
      [...new Set(pairs.map(({ chosen }) => chosen.id))].sort(),
    );
    expect(chosen.length).toBeLessThan(pairs.length);
  });
});

describe("scoreCandidates", () => {
  it("rates every trace with what it is handed, and keeps the ratings of others", async () => {
    const trace = traceOf(good);
    const judge = { ...madeCandidates("1", [{ right: true }]).ratings[0]!, traceId: trace.id };
    const other = { ...judge, scorer: { ...judge.scorer, name: "judge" } };
    const candidates = {
      record: "candidates" as const,
      v: 1 as const,
      question,
      traces: [trace],
      ratings: [judge, other],
    };
    const scored = [];
    for await (const one of scoreCandidates([candidates], {
      links: () => [{ name: "group", status: "wrong" }],
      counterfactuals: async ({ traces }) => new Map(traces.map(({ id }) => [id, { real: -1, blank: -5 }])),
    }))
      scored.push(one);
    const [mine, theirs] = scored[0]!.ratings;
    expect(theirs).toBe(other);
    expect(scored[0]!.ratings).toHaveLength(2);
    expect(mine!.gates["links-hold"]).toBe("failed");
    expect(
      (mine as { parts?: Record<string, Record<string, number>> }).parts!["image-involvement"]!
        .counterfactual,
    ).toBe(1);
  });
});
