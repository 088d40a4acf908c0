import type { Question } from "@mede2/schemas";
import { goldIndices } from "../records/question-keys.ts";
import { dropped, type Filter, kept } from "./filter.ts";

export interface LengthGapSettings {
  /** The right option is at least this many times as long as the mean of the wrong ones … */
  ratio: number;
  /** … and at least this many characters longer than the longest of them. */
  characters: number;
}

export const lengthGapSettings: LengthGapSettings = { ratio: 1.5, characters: 12 };

/** Whether the right option stands out by its length: "the longest option is right" is what test-wise examinees try first. */
export function lengthGap(question: Question, { ratio, characters }: LengthGapSettings): boolean {
  const [right, ...more] = goldIndices(question);
  if (right === undefined || more.length > 0 || question.options.length < 2) return false;
  const lengths = question.options.map((option) => option.trim().length);
  const wrong = lengths.filter((_, index) => index !== right);
  const mean = wrong.reduce((sum, length) => sum + length, 0) / wrong.length;
  return lengths[right]! >= ratio * mean && lengths[right]! >= Math.max(...wrong) + characters;
}

/** Drops a question whose right option is much longer than the others: `length-gap`. */
export function lengthGaps(settings: LengthGapSettings = lengthGapSettings): Filter {
  return {
    name: "length-gap",
    about: `the right option is not ${settings.ratio} times as long as the mean of the others and ${settings.characters} characters longer than the longest`,
    judge: (question) =>
      lengthGap(question, settings)
        ? dropped("length-gap", "the right option stands out by its length")
        : kept,
  };
}
