import { optionIndex, optionLabel, type Question } from "@mede2/schemas";
import { createRandom } from "@mede2/stats";

/** Why the options of a question stay where they are. */
export type OrderKept = "open" | "names-places" | "printed-in-stem";

/** "all of the above", "both A and B", "A, C": what an option says of other options hangs on their places. */
const places =
  /\b(?:all|none|both|neither|any|either|some)\b.{0,16}\b(?:above|below|these|those|options?|choices?)\b|\b(?:options?|choices?)\s+[A-L]\b|(?<![\w'’-])[A-L]\s*(?:,|&|\/|\band\b|\bor\b)\s*[A-L](?![\w'’-])/i;

/**
 * A question with its options in another order, drawn by seed and id, and the right label moved with its option: an evaluation of both says how much an answer hangs on the place of its option. Questions whose options
 * speak of each other's places, or stand in the stem too, are kept as they are.
 */
export function reorderOptions(
  question: Question,
  seed: number | string = 0,
): { question: Question; kept?: OrderKept } {
  const { id, stem, options, gold } = question;
  if (options.length < 2 || !("labels" in gold)) return { question, kept: "open" };
  if (/\bAnswer Choices:\s*\(A\)|(?:^|\n)\s*\(?A[).:]\s/i.test(stem))
    return { question, kept: "printed-in-stem" };
  if (options.some((option) => places.test(option))) return { question, kept: "names-places" };
  const random = createRandom(`${seed}/options/${id}`);
  let order = options.map((_, at) => at);
  // until it is another one
  while (order.every((from, at) => from === at)) order = random.shuffled(order);
  const labels = gold.labels.map((label) => optionLabel(order.indexOf(optionIndex(label, options.length)!)));
  return {
    question: {
      ...question,
      options: order.map((at) => options[at]!),
      gold: { ...gold, labels: labels.sort() },
    },
  };
}
