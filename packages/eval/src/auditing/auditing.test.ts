import type { EvaluationRecord, ImageCondition } from "@mede2/schemas";
import { createRandom } from "@mede2/stats";
import { describe, expect, it } from "vitest";
import { recordOf } from "../../test/support/records.ts";
import { imageUseGate, regressionGate } from "./gates.ts";
import { blindSolvable, imageAudit } from "./image-audit.ts";

const quick = { resamples: 400, seed: 1 };

/** Records of a model that answers `real` of the questions right with their image, `blind` without; where it goes by text alone the answer is the same. */
function model(
  n: number,
  real: number,
  blind: number,
  more: Partial<EvaluationRecord> = {},
): EvaluationRecord[] {
  // the same questions are hard for every model
  const ease = createRandom(9).shuffled(Array.from({ length: n }, (_, at) => (at + 0.5) / n));
  const conditions: [ImageCondition, number][] = [
    ["real", real],
    ["swapped", blind],
    ["blank", blind],
  ];
  return conditions.flatMap(([images, accuracy]) =>
    ease.map((hard, id) => {
      const correct = hard < accuracy;
      return recordOf(id, correct, {
        images,
        answer: { status: "found", labels: [correct ? "A" : "B"], rule: "boxed", span: null },
        ...more,
      });
    }),
  );
}

describe("imageAudit", () => {
  it("says how accuracy and answers move with the image", () => {
    const audit = imageAudit(model(200, 0.7, 0.4), quick);
    expect(audit.accuracy.real!.value).toBeCloseTo(0.7, 12);
    expect(Object.keys(audit.reliance)).toEqual(["blank", "swapped"]);
    const { difference, low, high } = audit.reliance.swapped!;
    expect(difference).toBeCloseTo(audit.accuracy.real!.value - audit.accuracy.swapped!.value, 12);
    expect(low).toBeGreaterThan(0.15);
    expect(high).toBeLessThan(0.45);
    // only what became wrong changed its answer
    expect(audit.sensitivity.swapped!.value).toBeCloseTo(difference, 12);
    expect(audit.claims).toBeNull();
  });
  it("counts claims of what is seen whose answer no image changes", () => {
    const records = model(100, 0.6, 0.6);
    const asserts = (id: string) => (id === "q:0" ? undefined : Number(id.slice(2)) % 4 === 0);
    const { claims, sensitivity } = imageAudit(records, { ...quick, asserts });
    expect(sensitivity.blank).toMatchObject({ value: 0, n: 100 });
    expect(claims!.asserted).toMatchObject({ n: 99, value: 24 / 99 });
    expect(claims!.ungrounded.value).toBeCloseTo(24 / 99, 12);
    expect(claims!.ungroundedOfAsserted!.value).toBe(1);
    expect(claims!.against).toEqual(["blank", "swapped"]);
    const seeing = imageAudit(model(100, 1, 0), { ...quick, asserts });
    expect(seeing.claims!.ungrounded.value).toBe(0);
  });
  it("tells what can be answered without the image", () => {
    const blind = (right: number[]) =>
      Array.from({ length: 4 }, (_, id) => recordOf(id, right.includes(id), { images: "none" }));
    expect([...blindSolvable([blind([0, 1]), blind([1, 2])])]).toEqual(["q:1"]);
    expect(blindSolvable([blind([0, 1])], { atLeast: 1 }).size).toBe(2);
  });
});

describe("imageUseGate", () => {
  const statuses = (before: EvaluationRecord[], after: EvaluationRecord[]) => {
    const { passed, checks } = imageUseGate(before, after, { ...quick, from: "stage1", to: "stage2" });
    return { passed, ...Object.fromEntries(checks.map(({ name, status }) => [name, status])) };
  };
  const before = model(400, 0.5, 0.35);
  it("passes a stage that gains by the image", () =>
    expect(statuses(before, model(400, 0.8, 0.4))).toEqual({
      passed: true,
      "image-used": "passed",
      "reliance-kept": "passed",
      "sensitivity-kept": "passed",
      "gain-from-image": "passed",
    }));
  it("fails one that gains by the text alone, though its reliance is kept", () => {
    const found = statuses(before, model(400, 0.8, 0.65));
    expect(found).toMatchObject({ passed: false, "image-used": "passed", "gain-from-image": "failed" });
  });
  it("fails one that gains and no longer looks", () =>
    expect(statuses(before, model(400, 0.8, 0.8))).toMatchObject({
      passed: false,
      "image-used": "open",
      "reliance-kept": "failed",
      "sensitivity-kept": "failed",
      "gain-from-image": "failed",
    }));
  it("does not ask for the origin of a gain that is none", () =>
    expect(statuses(before, before)).toMatchObject({ passed: true, "gain-from-image": "not-applicable" }));
  it("is not passed by too few questions", () => {
    const found = imageUseGate(model(12, 0.5, 0.35), model(12, 0.6, 0.45), quick);
    expect(found.passed).toBe(false);
    expect(found.checks.map(({ says }) => says).join(" ")).toMatch(/not shown/);
  });
});

describe("regressionGate", () => {
  it("passes equal models, fails a worse one, and says when the data do not tell", () => {
    const before = model(600, 0.6, 0.3);
    const status = (after: EvaluationRecord[], base = before) =>
      regressionGate(base, after, quick).checks[0]!.status;
    expect(status(before)).toBe("passed");
    expect(status(model(600, 0.4, 0.3))).toBe("failed");
    expect(status(model(20, 0.5, 0.3), model(20, 0.55, 0.3))).toBe("open");
  });
});
