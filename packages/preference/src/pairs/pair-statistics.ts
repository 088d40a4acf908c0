import type { PreferencePair } from "@mede2/schemas";
import { lengthOf } from "./propose-pairs.ts";

/** What a set of pairs is like. Means are over pairs; `criteria` is the share of pairs in which the chosen side is better, equal, worse. */
export interface PairStatistics {
  pairs: number;
  questions: number;
  kinds: Record<string, number>;
  /** Pairs with two right answers, and their share. */
  bothRight: number;
  bothRightShare: number;
  margin: { mean: number; min: number; max: number } | null;
  weight: { min: number; max: number } | null;
  length: { chosen: number; rejected: number; matched: number } | null;
  criteria: Record<string, { better: number; equal: number; worse: number; unscored: number }>;
  /** Pairs whose sides were swapped by the coin of `randomLabels`. */
  swapped: number;
}

/** Gathers statistics pair by pair, in constant memory but for the ids of questions. */
export function pairStatistics(lengthLogRatio = 0.3): {
  add(pair: PreferencePair, bothRight: boolean): void;
  result(): PairStatistics;
} {
  const questions = new Set<string>();
  const kinds: Record<string, number> = {};
  const criteria: PairStatistics["criteria"] = {};
  let [pairs, bothRight, swapped, matched] = [0, 0, 0, 0];
  const margins = { sum: 0, min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY };
  const weights = { min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY };
  const lengths = { chosen: 0, rejected: 0 };
  return {
    add(pair, right) {
      pairs += 1;
      questions.add(pair.question.id);
      kinds[pair.negativeKind] = (kinds[pair.negativeKind] ?? 0) + 1;
      if (right) bothRight += 1;
      if ((pair.provenance as { swapped?: boolean }).swapped === true) swapped += 1;
      margins.sum += pair.margin;
      margins.min = Math.min(margins.min, pair.margin);
      margins.max = Math.max(margins.max, pair.margin);
      weights.min = Math.min(weights.min, pair.weight);
      weights.max = Math.max(weights.max, pair.weight);
      const [chosen, rejected] = [lengthOf(pair.chosen), lengthOf(pair.rejected)];
      lengths.chosen += chosen;
      lengths.rejected += rejected;
      if (Math.abs(Math.log(chosen / rejected)) < lengthLogRatio) matched += 1;
      for (const [name, judged] of Object.entries(pair.ratings.chosen.criteria)) {
        const other = pair.ratings.rejected.criteria[name];
        criteria[name] ??= { better: 0, equal: 0, worse: 0, unscored: 0 };
        const counts = criteria[name];
        if (judged.status !== "scored" || other?.status !== "scored") counts.unscored += 1;
        else if (judged.value > other.value + 1e-9) counts.better += 1;
        else if (judged.value < other.value - 1e-9) counts.worse += 1;
        else counts.equal += 1;
      }
    },
    result: () => ({
      pairs,
      questions: questions.size,
      kinds,
      bothRight,
      bothRightShare: pairs === 0 ? 0 : bothRight / pairs,
      margin: pairs === 0 ? null : { mean: margins.sum / pairs, min: margins.min, max: margins.max },
      weight: pairs === 0 ? null : weights,
      length:
        pairs === 0
          ? null
          : { chosen: lengths.chosen / pairs, rejected: lengths.rejected / pairs, matched: matched / pairs },
      criteria,
      swapped,
    }),
  };
}
