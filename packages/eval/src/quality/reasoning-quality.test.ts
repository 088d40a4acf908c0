import type { Rating } from "@mede2/schemas";
import { describe, expect, it } from "vitest";
import { recordOf } from "../../test/support/records.ts";
import { reasoningQuality } from "./reasoning-quality.ts";

const rating = (logic: number | null, failed: string[] = [], outcome = 1): Rating => ({
  record: "rating",
  v: 1,
  traceId: "0".repeat(16),
  scorer: { name: "mmrp", version: "1", rubric: "mmrp@1", mode: "programmatic", judges: [] },
  gates: {
    length: failed.includes("length") ? "failed" : "passed",
    "answer-correct": outcome === 1 ? "passed" : "failed",
  },
  criteria: {
    "logical-consistency":
      logic === null
        ? { status: "unscored", reason: "nothing-applies" }
        : { status: "scored", value: logic, spans: [] },
    outcome: { status: "scored", value: outcome, spans: [] },
  },
  total: null,
});
const tagged = (at: number, correct: boolean | null, specialty: string) =>
  recordOf(at, correct, { tags: { language: "en", specialty } });

describe("reasoningQuality", () => {
  const found = reasoningQuality(
    [
      { record: tagged(0, true, "radiology"), rating: rating(0.9) },
      { record: tagged(1, true, "radiology"), rating: rating(0.2) },
      { record: tagged(2, true, "cardiology"), rating: rating(0.9, ["length"]) },
      { record: tagged(3, false, "cardiology"), rating: rating(0.8, [], 0) },
      { record: tagged(4, false, "cardiology"), rating: rating(0.1, [], 0) },
      { record: tagged(5, false, "cardiology"), rating: rating(null, [], 0) },
      { record: tagged(6, null, "cardiology"), rating: rating(0.5) },
      { record: tagged(7, true, "cardiology"), rating: undefined },
    ],
    { by: ["specialty", "modality"] },
  )!;
  it("tells right answers with poor reasoning from those with good, whatever the answer itself is worth", () => {
    expect(
      [found.rightGood, found.rightPoor, found.wrongGood, found.wrongPoor].map(({ value }) => value),
    ).toEqual([0.2, 0.4, 0.2, 0.2]);
    expect(found.poorAmongRight).toMatchObject({ value: 2 / 3, n: 3 });
    expect(found.unrated).toEqual({ "no-criterion-applies": 1, "not-scored": 1, "not-rated": 1 });
  });
  it("gives criteria and gates, without those that repeat the outcome", () => {
    expect(Object.keys(found.criteria)).toEqual(["logical-consistency"]);
    expect(found.criteria["logical-consistency"]).toMatchObject({
      right: { n: 3 },
      wrong: { n: 2 },
      unscored: 1,
    });
    expect(found.criteria["logical-consistency"]!.right!.value).toBeCloseTo(2 / 3, 12);
    expect(found.gates).toMatchObject({ length: { value: 0.2, n: 5 } });
    expect(found.gates["answer-correct"]).toBeUndefined();
  });
  it("tells them apart by tags", () => {
    expect(Object.keys(found.by.specialty!)).toEqual(["cardiology", "radiology"]);
    expect(found.by.specialty!.radiology!.rightPoor.value).toBe(0.5);
    expect(Object.keys(found.by.modality!)).toEqual(["(none)"]);
  });
  it("is nothing where nothing was rated", () =>
    expect(reasoningQuality([{ record: recordOf(0, true), rating: undefined }])).toBeNull());
});
