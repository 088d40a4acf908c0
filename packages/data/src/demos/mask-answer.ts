import { normalisedText, optionMentions, traceParts } from "@mede2/answers";
import { optionLabel, type Question } from "@mede2/schemas";
import { goldIndices } from "../records/question-keys.ts";

/** Stands where the answer stood. */
export const MASK = "[…]";

/** The reasoning of a chain without its answer: every naming of a right option, by its words or its letter, and every box are masked. Linear in its length. */
export function maskAnswer(question: Question, text: string): string {
  const { reasoning } = traceParts(text);
  const thought = reasoning === null ? text : text.slice(reasoning.start, reasoning.end);
  const right = goldIndices(question);
  const named = optionMentions(
    thought,
    { start: 0, end: thought.length },
    question.options.map(normalisedText),
  )
    .filter(({ option }) => right.includes(option))
    .sort((a, b) => a.start - b.start);
  let [masked, at] = ["", 0];
  for (const { start, end } of named) {
    if (start < at) continue;
    masked += thought.slice(at, start) + MASK;
    at = end;
  }
  masked += thought.slice(at);
  for (const index of right) {
    const letter = optionLabel(index);
    masked = masked
      .replace(
        new RegExp(
          `\\b(option|answer|choice)(\\s+is)?(\\s*:?\\s*)\\(?${letter}\\)?(?![\\p{L}\\p{N}])`,
          "giu",
        ),
        `$1$2$3${MASK}`,
      )
      .replaceAll(`(${letter})`, `(${MASK})`);
  }
  return masked.replace(/\\boxed\{[^}]{0,200}\}/g, `\\boxed{${MASK}}`).trim();
}
