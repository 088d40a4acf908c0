import type { Question } from "@mede2/schemas";
import { goldIndices } from "../records/question-keys.ts";
import { hash53 } from "../text/hash.ts";
import { normalisedWords } from "../text/words.ts";
import { dropped, type Filter, kept } from "./filter.ts";

const polar = new Set(["yes", "no", "maybe", "true", "false", "unknown"]);

/** The position of the only right option, from 0; undefined where a position means nothing: several right ones, or options such as yes and no in a fixed order. */
export function answerPosition(question: Question): number | undefined {
  const [right, ...more] = goldIndices(question);
  if (right === undefined || more.length > 0 || question.options.length < 2) return undefined;
  return question.options.every((option) => polar.has(normalisedWords(option))) ? undefined : right;
}

/** How often each position is right, for each number of options. */
export type PositionCounts = Map<number, number[]>;

export function countPosition(counts: PositionCounts, question: Question): void {
  const position = answerPosition(question);
  if (position === undefined) return;
  const { length } = question.options;
  const row = counts.get(length) ?? Array.from({ length }, () => 0);
  row[position]! += 1;
  counts.set(length, row);
}

/** Questions beyond an even share at the positions that are right too often: as many answers would have to move. */
export function positionExcess(counts: PositionCounts): number {
  let excess = 0;
  for (const row of counts.values()) {
    const even = row.reduce((sum, count) => sum + count, 0) / row.length;
    for (const count of row) excess += Math.max(0, count - even);
  }
  return Math.round(excess);
}

/**
 * Thins out the questions whose answer stands at a position that is right too often in the set: `answer-position`. Which go is drawn from their ids and the seed, so about
 * `tolerance` more than an even share remain. Moving options about (`orderOptions`) loses nothing and is better where the source allows it.
 */
export function answerPositions({ tolerance, seed }: { tolerance: number; seed: number }): Filter {
  const counts: PositionCounts = new Map();
  return {
    name: "answer-position",
    about: `no position is right more than ${Math.round(tolerance * 100)} % beyond an even share (expected over the draw)`,
    survey: (question) => countPosition(counts, question),
    judge(question) {
      const position = answerPosition(question);
      const row = counts.get(question.options.length);
      if (position === undefined || row === undefined) return kept;
      const even = row.reduce((sum, count) => sum + count, 0) / row.length;
      const share = (even * (1 + tolerance)) / row[position]!;
      return share < 1 && hash53(question.id, seed) / 2 ** 53 >= share
        ? dropped("answer-position", "its answer stands where answers stand too often")
        : kept;
    },
  };
}
