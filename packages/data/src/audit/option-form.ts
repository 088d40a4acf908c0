import type { Question } from "@mede2/schemas";
import { wilson } from "@mede2/stats";
import { absoluteWordsTell } from "../filters/absolute-words.ts";
import {
  answerPosition,
  countPosition,
  type PositionCounts,
  positionExcess,
} from "../filters/answer-position.ts";
import { type LengthGapSettings, lengthGap, lengthGapSettings } from "../filters/length-gap.ts";
import { goldIndices, optionsKey } from "../records/question-keys.ts";
import { createHashMap } from "../text/hash-set.ts";

/** How far a rule of thumb gets that never reads the question: share of right answers with a 95 % interval (Wilson), beside chance. */
export interface BlindRule {
  rule: string;
  right: number;
  n: number;
  accuracy: number;
  low: number;
  high: number;
  /** Mean of 1 ÷ options over the same questions. */
  chance: number;
}

export interface OptionForm {
  /** Questions whose right option stands out by its length, by absolute words in the others, and answers beyond an even share of their position. */
  length: number;
  absolute: number;
  position: number;
  /** Questions with options and one right label. */
  judged: number;
  rules: BlindRule[];
  /** How often each position is right, by number of options. */
  positions: Record<string, number[]>;
}

/** A set of options that comes more often is a fixed choice of labels, such as normal and pneumonia: how long they are tells how frequent each is, and no more. */
const FIXED = 10;

/** Looks for what gives an answer away in the form of the options. Some 25 bytes for each different set of options. */
export function optionFormCounter(settings: LengthGapSettings = lengthGapSettings) {
  let [length, absolute, judged] = [0, 0, 0];
  const positions: PositionCounts = new Map();
  const longest = { right: 0, n: 0, chance: 0 };
  const sets = createHashMap();
  return {
    add(question: Question): void {
      const [right, ...more] = goldIndices(question);
      if (right === undefined || more.length > 0 || question.options.length < 2) return;
      judged += 1;
      if (lengthGap(question, settings)) length += 1;
      if (absoluteWordsTell(question)) absolute += 1;
      countPosition(positions, question);
      if (answerPosition(question) === undefined) return;
      const set = optionsKey(question);
      const before = Math.max(0, sets.get(set));
      sets.set(set, before + 1);
      if (before >= FIXED) return;
      const lengths = question.options.map((option) => option.trim().length);
      const most = Math.max(...lengths);
      if (lengths.filter((value) => value === most).length > 1) return;
      longest.n += 1;
      longest.chance += 1 / lengths.length;
      if (lengths[right] === most) longest.right += 1;
    },
    result(): OptionForm {
      return {
        ...{ length, absolute, judged },
        position: positionExcess(positions),
        rules: [
          blindRule("the longest option", longest),
          blindRule("the most frequent position", byPosition(positions)),
        ].flatMap((rule) => rule ?? []),
        positions: Object.fromEntries(
          [...positions].sort(([a], [b]) => a - b).map(([options, row]) => [options, row]),
        ),
      };
    },
  };
}

/** Always the position that is right most often among questions with as many options; the set itself tells which, so it is a little above chance where there is nothing to find. */
function byPosition(positions: PositionCounts): { right: number; n: number; chance: number } {
  const sums = { right: 0, n: 0, chance: 0 };
  for (const row of positions.values()) {
    const total = row.reduce((sum, count) => sum + count, 0);
    sums.right += Math.max(...row);
    sums.n += total;
    sums.chance += total / row.length;
  }
  return sums;
}

function blindRule(
  rule: string,
  { right, n, chance }: { right: number; n: number; chance: number },
): BlindRule | undefined {
  if (n === 0) return undefined;
  const { low, high } = wilson(right, n);
  return { rule, right, n, accuracy: right / n, low, high, chance: chance / n };
}
