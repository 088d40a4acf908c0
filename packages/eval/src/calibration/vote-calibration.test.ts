import { createRandom } from "@mede2/stats";
import { describe, expect, it } from "vitest";
import { recordOf } from "../../test/support/records.ts";
import { voteCalibration } from "./vote-calibration.ts";

/** A question whose samples say these answers; "A" is right, "-" is none. */
const asked = (id: number, said: string) =>
  [...said].map((letter, sample) =>
    recordOf(id, letter === "A", {
      sample,
      answer:
        letter === "-"
          ? { status: "unparsed", rule: "none", span: null }
          : { status: "found", labels: [letter], rule: "boxed", span: null },
    }),
  );

describe("voteCalibration", () => {
  it("takes the share of the most frequent answer for confidence", () => {
    const found = voteCalibration(
      [
        ...asked(0, "AAAA"),
        ...asked(1, "BBBA"),
        ...asked(2, "AABB"),
        ...asked(3, "A---"),
        ...asked(4, "----"),
      ],
      { resamples: 100 },
    )!;
    expect(found).toMatchObject({ n: 5, samples: [4, 4], ties: 1, silent: 1 });
    expect(found.accuracy).toBeCloseTo((1 + 0 + 0.5 + 1 + 0) / 5, 12);
    expect(found.brier).toBeCloseTo((0 + 0.75 ** 2 + 0 + 0.75 ** 2 + 0) / 5, 12);
    expect(found.points.map(({ threshold }) => threshold)).toEqual([1, 0.75, 0.5, 0.25, 0]);
  });
  it("is near 0 for a model that is as sure as it is right", () => {
    const random = createRandom(3);
    const records = Array.from({ length: 400 }, (_, id) => {
      const sure = [0.6, 0.8, 1][id % 3]!;
      const right = random.uniform() < sure;
      const most = Math.round(sure * 10);
      return asked(id, (right ? "A" : "B").repeat(most) + (right ? "B" : "C").repeat(10 - most));
    }).flat();
    const { ece, aurc } = voteCalibration(records, { resamples: 200 })!;
    expect(ece.value).toBeLessThan(0.06);
    expect(aurc).toBeLessThan(0.2);
  });
  it("says nothing of single answers", () => expect(voteCalibration(asked(0, "A"))).toBeNull());
});
