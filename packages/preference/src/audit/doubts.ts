import type { PreferencePair, Rating, Verdict } from "@mede2/schemas";
import type { JudgedRating } from "../judges/add-judges.ts";
import { preferredBy } from "./verdicts.ts";

/** A pair that a person should look at, and why; the greater `doubt`, the sooner. */
export interface Doubt {
  pairId: string;
  questionId: string;
  negativeKind: string;
  margin: number;
  doubt: number;
  reasons: string[];
}

const reasons: readonly {
  about: string;
  weight: number;
  holds(pair: PreferencePair, verdicts: readonly Verdict[]): boolean;
}[] = [
  {
    about: "a person preferred the rejected side",
    weight: 4,
    holds: (_, verdicts) => verdicts.some((verdict) => preferredBy(verdict) === "rejected"),
  },
  {
    about: "people disagree",
    weight: 3,
    holds: (_, verdicts) => new Set(verdicts.map(preferredBy)).size > 1,
  },
  {
    about: "judges disagree by two anchors",
    weight: 2,
    holds: ({ ratings }) => [ratings.chosen, ratings.rejected].some(judgesSplit),
  },
  { about: "the margin is negative", weight: 3, holds: ({ margin }) => margin < 0 },
  {
    about: "the rejected side is better on a criterion",
    weight: 1,
    holds: ({ ratings }) => betterElsewhere(ratings.chosen, ratings.rejected),
  },
  {
    about: "a criterion that decides is unscored on one side",
    weight: 1,
    holds: ({ ratings }) => oneSided(ratings.chosen, ratings.rejected),
  },
  {
    about: "lengths differ by more than a third",
    weight: 0.5,
    holds: ({ chosen, rejected }) =>
      Math.abs(Math.log(Math.max(1, chosen.text.length) / Math.max(1, rejected.text.length))) >= 0.3,
  },
];

/** Keeps the most doubtful pairs of a stream: reasons by weight, and a small margin. Memory for `most` of them. */
export function doubtList(most: number): {
  add(pair: PreferencePair, verdicts: readonly Verdict[]): void;
  result(): Doubt[];
} {
  let kept: Doubt[] = [];
  const order = (a: Doubt, b: Doubt) => b.doubt - a.doubt || (a.pairId < b.pairId ? -1 : 1);
  return {
    add(pair, verdicts) {
      const held = reasons.filter((reason) => reason.holds(pair, verdicts));
      const small = 1 / (1 + 20 * Math.max(0, pair.margin));
      kept.push({
        pairId: pair.id,
        questionId: pair.question.id,
        negativeKind: pair.negativeKind,
        margin: pair.margin,
        doubt: Math.round((held.reduce((sum, { weight }) => sum + weight, 0) + small) * 1e4) / 1e4,
        reasons: [...held.map(({ about }) => about), ...(pair.margin < 0.1 ? ["the margin is small"] : [])],
      });
      if (kept.length >= 4 * most + 64) kept = kept.sort(order).slice(0, most);
    },
    result: () => kept.sort(order).slice(0, most),
  };
}

function judgesSplit(rating: Rating): boolean {
  const { byJudge } = rating as Partial<JudgedRating>;
  const anchors = new Map<string, number[]>();
  for (const scores of Object.values(byJudge ?? {}))
    for (const [criterion, score] of Object.entries(scores))
      if ("anchor" in score) anchors.set(criterion, [...(anchors.get(criterion) ?? []), score.anchor]);
  return [...anchors.values()].some((given) => Math.max(...given) - Math.min(...given) > 1);
}

function betterElsewhere(chosen: Rating, rejected: Rating): boolean {
  return Object.entries(chosen.criteria).some(([name, one]) => {
    const other = rejected.criteria[name];
    return one.status === "scored" && other?.status === "scored" && other.value > one.value + 1e-9;
  });
}

function oneSided(chosen: Rating, rejected: Rating): boolean {
  return Object.entries(chosen.criteria).some(
    ([name, one]) => one.status !== rejected.criteria[name]?.status,
  );
}
