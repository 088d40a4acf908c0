import type { PreferencePair, Rating } from "@mede2/schemas";
import { cohenKappa, krippendorffAlpha } from "@mede2/stats";
import type { JudgedRating } from "../judges/add-judges.ts";
import { type Agreement, add } from "./verdicts.ts";

/** Gathers the anchors that the judges of a jury gave, trace by trace. */
export function judgeAgreement(): { add(pair: PreferencePair): void; result(): Record<string, Agreement> } {
  const anchors = new Map<string, Map<string, Record<string, number>>>();
  const addRating = (rating: Rating) => {
    const { byJudge } = rating as Partial<JudgedRating>;
    for (const [judge, scores] of Object.entries(byJudge ?? {}))
      for (const [criterion, score] of Object.entries(scores)) {
        if (!("anchor" in score)) continue;
        const units = anchors.get(criterion) ?? new Map<string, Record<string, number>>();
        units.set(rating.traceId, { ...units.get(rating.traceId), [judge]: score.anchor });
        anchors.set(criterion, units);
      }
  };
  return {
    add({ ratings }) {
      addRating(ratings.chosen);
      addRating(ratings.rejected);
    },
    result() {
      const found: Record<string, Agreement> = {};
      for (const [criterion, units] of anchors) {
        const judges = [...new Set([...units.values()].flatMap(Object.keys))].sort();
        if (judges.length < 2) continue;
        const rows = [...units.values()].map((unit) => judges.map((judge) => unit[judge] ?? null));
        add(
          found,
          `krippendorff:${criterion}`,
          rows.filter((row) => row.filter((one) => one !== null).length > 1).length,
          () => krippendorffAlpha(rows, { metric: "ordinal", seed: 1 }),
        );
        for (const [at, a] of judges.entries())
          for (const b of judges.slice(at + 1)) {
            const both = [...units.values()].flatMap((unit) =>
              unit[a] === undefined || unit[b] === undefined ? [] : [[unit[a], unit[b]] as const],
            );
            add(found, `cohen:${criterion}:${a}/${b}`, both.length, () =>
              cohenKappa(
                both.map(([one]) => one),
                both.map(([, other]) => other),
                { weights: "quadratic", categories: [0, 1, 2] },
              ),
            );
          }
      }
      return found;
    },
  };
}
