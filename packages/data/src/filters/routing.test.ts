import type { Question } from "@mede2/schemas";
import { describe, expect, it } from "vitest";
import { aQuestion } from "../../test/support/questions.ts";
import type { Filter } from "./filter.ts";
import { imageNeeded } from "./image-needed.ts";
import { judgeBy } from "./run-filters.ts";
import { infimed2, stability, stabilityRoute } from "./stability.ts";
import type { Tallies } from "./tally.ts";

const reason = async (filter: Filter, changes: Partial<Question>) =>
  (await judgeBy([filter], aQuestion(1, changes)))?.reason ?? "kept";

describe("routing by samples", () => {
  const tallies = (entries: Record<string, [string, number, number][]>): Tallies =>
    new Map([
      [
        "test:1",
        new Map(
          Object.entries(entries).map(([images, models]) => [
            images,
            new Map(models.map(([model, right, samples]) => [model, { right, samples }])),
          ]),
        ),
      ],
    ]) as Tallies;

  it("keeps 3 to 5 of 8, by InfiMed2's rule", () => {
    expect([0, 2, 3, 5, 6, 8].map((right) => stabilityRoute({ right }, infimed2))).toEqual([
      "drop",
      "drop",
      "train",
      "train",
      "reconstruct",
      "reconstruct",
    ]);
  });

  it("says why a question goes", async () => {
    const settings = { rule: infimed2, images: "real", routes: ["train"] } as const;
    const by = (right: number, samples = 8) =>
      reason(stability(tallies({ real: [["m", right, samples]] }), settings), {});
    expect(await Promise.all([by(4), by(7), by(1), by(4, 6)])).toEqual([
      "kept",
      "too-easy",
      "too-hard",
      "not-sampled",
    ]);
    expect(await reason(stability(tallies({ blank: [["m", 4, 8]] }), settings), {})).toBe("not-sampled");
    expect(
      await reason(
        stability(
          tallies({
            real: [
              ["m", 4, 8],
              ["n", 4, 8],
            ],
          }),
          settings,
        ),
        {},
      ),
    ).toBe("not-sampled");
    expect(
      await reason(
        stability(
          tallies({
            real: [
              ["m", 4, 8],
              ["n", 8, 8],
            ],
          }),
          { ...settings, model: "n" },
        ),
        {},
      ),
    ).toBe("too-easy");
    const escalating = { ...settings, rule: { ...infimed2, otherwise: "escalate" as const } };
    expect(await reason(stability(tallies({ real: [["m", 1, 8]] }), escalating), {})).toBe("escalated");
  });

  it("drops what is answered without the picture", async () => {
    const by = (
      entries: Record<string, [string, number, number][]>,
      changes: Partial<Question> = {},
      models = 1,
    ) =>
      reason(imageNeeded(tallies(entries), { blind: ["none", "blank"], aboveChance: 0.5, models }), changes);
    const polar = { options: ["yes", "no"] };
    expect(await by({ real: [["m", 8, 8]] })).toBe("not-probed");
    expect(await by({ none: [["m", 4, 8]] })).toBe("kept");
    expect(await by({ none: [["m", 5, 8]] })).toBe("image-not-needed");
    expect(await by({ none: [["m", 5, 8]] }, polar)).toBe("kept"); // a coin gets 4 of 8
    expect(await by({ none: [["m", 6, 8]] }, polar)).toBe("image-not-needed");
    expect(
      await by(
        {
          none: [
            ["m", 8, 8],
            ["n", 0, 8],
          ],
        },
        {},
        2,
      ),
    ).toBe("kept");
    expect(
      await by(
        {
          none: [
            ["m", 8, 8],
            ["n", 6, 8],
          ],
        },
        {},
        2,
      ),
    ).toBe("image-not-needed");
  });
});
