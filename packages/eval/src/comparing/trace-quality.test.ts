import type { EvaluationRecord, Question, Trace } from "@mede2/schemas";
import { describe, expect, it } from "vitest";
import { recordOf } from "../../test/support/records.ts";
import { differenceOf, type QualityCheck, qualityTable, qualityUnits, traceQuality } from "../index.ts";

const check = (_: Question, { text }: Trace): QualityCheck | undefined =>
  text === "?"
    ? undefined
    : {
        findingRight: text.includes("f"),
        findingCarried: text.includes("c"),
        valuesInStem: text.includes("v"),
        trueChain: text === "fcv",
      };

function items(texts: readonly string[], right: (at: number) => boolean | null) {
  return texts.map((text, at) => ({
    question: { id: `q:${at}` } as Question,
    record: recordOf(at, right(at)) as EvaluationRecord,
    trace: { text } as Trace,
  }));
}

describe("traceQuality", () => {
  it("tells right answers with a true chain from those without", () => {
    const quality = traceQuality(
      items(["fcv", "fc", "v", "?", "fcv", "fcv"], (at) => (at === 5 ? null : at !== 4)),
      check,
    );
    expect(quality.unchecked).toBe(2);
    expect(quality.measures).toMatchObject({
      findingRight: { count: 3, n: 4, value: 0.75 },
      findingCarried: { count: 3 },
      valuesInStem: { count: 3 },
      trueChain: { count: 2 },
      rightWithTrueChain: { count: 1 },
      rightWithoutTrueChain: { count: 2 },
    });
    expect(quality.chainAmongRight).toMatchObject({ count: 1, n: 3 });
    expect(quality.measures!.findingRight.low).toBeCloseTo(0.3006, 4); // Wilson, 3 of 4
  });

  it("compares two models question by question", () => {
    const a = traceQuality(
      items(["fc", "", "fcv"], () => true),
      check,
    );
    const b = traceQuality(
      items(["fcv", "f", "fcv"], () => true),
      check,
    );
    const units = qualityUnits(a.rows, b.rows, "findingRight");
    expect(differenceOf(units, { from: "a", to: "b" })).toMatchObject({ difference: 1 / 3, n: 3 });
    expect(
      qualityTable([
        { label: "a", quality: a },
        { label: "b", quality: b },
      ]),
    ).toMatch(/finding named right\s+66\.7/);
  });

  it("has nothing to say of nothing", () => {
    const quality = traceQuality(
      items(["?"], () => true),
      check,
    );
    expect(quality).toMatchObject({ measures: null, chainAmongRight: null, unchecked: 1 });
    expect(qualityTable([{ label: "a", quality }])).toContain("–");
  });
});
