import { preferencePairSchema, type Verdict, verdictSchema, withId } from "@mede2/schemas";
import { createRandom } from "@mede2/stats";
import { describe, expect, it } from "vitest";
import { randomCandidates } from "../../test/support/candidates.ts";
import { auditPairs, buildPairs } from "../index.ts";

const { pairs } = buildPairs(randomCandidates(60, 6, 3), { margin: 0.01 });

function verdict(
  pairId: string,
  reviewer: string,
  preferred: "chosen" | "rejected" | "tie",
  chosenFirst: boolean,
  more: Partial<Verdict> = {},
): Verdict {
  const choice = preferred === "tie" ? "tie" : (preferred === "chosen") === chosenFirst ? "first" : "second";
  return verdictSchema.parse(
    withId({
      ...{
        record: "verdict" as const,
        v: 1 as const,
        pairId,
        reviewer,
        choice,
        order: chosenFirst ? "chosen-first" : "rejected-first",
      },
      ...{ blind: true, seconds: 3, ts: "2026-01-01T00:00:00.000Z" },
      ...more,
    }),
  ) as Verdict;
}

describe("auditPairs", () => {
  it("without verdicts tells length, style and criteria, and lists doubts by their weight", async () => {
    expect(pairs.length).toBeGreaterThan(30);
    for (const pair of pairs) preferencePairSchema.parse(pair);
    const audit = await auditPairs(pairs, { doubtful: 5 });
    expect(audit.statistics.pairs).toBe(pairs.length);
    expect(audit.doubtful).toHaveLength(5);
    expect(audit.doubtful.map(({ doubt }) => doubt)).toEqual(
      audit.doubtful.map(({ doubt }) => doubt).sort((a, b) => b - a),
    );
    expect(audit.criteria.reflection!.value).toBeGreaterThan(0.5);
    expect(audit.calibration).toBeNull();
    expect(audit.bias.position).toBeUndefined();
  });

  it("hears a length and a style bias that is put in", async () => {
    const padded = pairs.map((pair) => ({
      ...pair,
      chosen: { ...pair.chosen, text: `${pair.chosen.text}\n- **more**\n- words` },
    }));
    const { bias } = await auditPairs(padded);
    expect(bias.length).toMatchObject({ value: 0.5, n: pairs.length });
    expect(bias.style!.low).toBeGreaterThan(0.3);
  });

  it("two reviewers give kappa; the last verdict counts; agreement with the pairs, position bias and a calibration come of it", async () => {
    const random = createRandom(1);
    const verdicts = pairs.flatMap((pair, at) => {
      const truth = random.uniform() < 0.85 ? ("chosen" as const) : ("rejected" as const);
      const other =
        random.uniform() < 0.9 ? truth : truth === "chosen" ? ("rejected" as const) : ("chosen" as const);
      return [
        verdict(pair.id, "ana", "tie", true),
        verdict(pair.id, "ana", truth, at % 2 === 0, { criteria: { reflection: "first" } }),
        verdict(pair.id, "ben", other, at % 3 === 0),
      ];
    });
    const {
      agreement,
      bias,
      calibration,
      verdicts: read,
      doubtful,
    } = await auditPairs(pairs, { verdicts: [...verdicts, verdict("f".repeat(16), "ana", "chosen", true)] });
    expect(agreement["cohen:ana/ben"]!.value).toBeGreaterThan(0.3);
    expect(agreement["cohen:ana/ben"]!.n).toBe(pairs.length);
    expect(agreement.krippendorff!.value).toBeCloseTo(agreement["cohen:ana/ben"]!.value, 1);
    expect(agreement.scorer!.value).toBeGreaterThan(0.7);
    expect(agreement["criterion:reflection"]!.n).toBe(pairs.length);
    expect(Math.abs(bias.position!.value)).toBeLessThan(0.2);
    expect(read).toEqual({ read: 3 * pairs.length + 1, pairs: pairs.length, unknownPairs: 1 });
    expect(calibration!.margin!.y.every((y) => y >= 0 && y <= 1)).toBe(true);
    expect(doubtful[0]!.reasons).toContain("a person preferred the rejected side");
    const calibrated = buildPairs(randomCandidates(60, 6, 3), {
      margin: 0.01,
      calibration: calibration!.margin,
      agreement: 1,
      bothRightShare: 0,
    });
    expect(calibrated.pairs.length).toBeLessThan(pairs.length);
    expect(calibrated.dropped["pair:calibration"]).toBeGreaterThan(0);
  });

  it("judges that always take the first place are found out", async () => {
    const verdicts = pairs.flatMap((pair) =>
      [true, false].map((first) => verdict(pair.id, "judge:gemma", first ? "chosen" : "rejected", first)),
    );
    const { bias } = await auditPairs(pairs, { judgeVerdicts: verdicts });
    expect(bias["position:judges"]).toMatchObject({ value: 0.5, n: 2 * pairs.length });
  });
});
