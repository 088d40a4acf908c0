import type { Answer, Question } from "@mede2/schemas";
import { withoutArticle } from "./normalised-text.ts";
import { findQuantity, quantityMatches } from "./quantity.ts";

/**
 * Whether an answer equals the gold answer: the same set of labels; the same words as the text or one of its aliases, up to case,
 * punctuation and article; or a number within the tolerance. An answer that was not found is not correct.
 */
export function isCorrect(answer: Answer, gold: Question["gold"]): boolean {
  if (answer.status !== "found") return false;
  if ("labels" in gold) {
    const said = [...new Set(answer.labels ?? [])].sort();
    return said.length > 0 && said.join() === [...new Set(gold.labels)].sort().join();
  }
  if (answer.text === undefined) return false;
  if ("value" in gold) {
    const quantity = findQuantity(answer.text);
    return quantity !== null && quantityMatches(quantity, gold);
  }
  const words = withoutArticle;
  const said = words(answer.text);
  return said !== "" && [gold.text, ...gold.aliases].some((text) => words(text) === said);
}
