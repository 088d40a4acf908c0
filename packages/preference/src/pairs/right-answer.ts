import { optionIndex, type Question } from "@mede2/schemas";

/** The right answer of a question in words, lower case: of options their texts, so that the letter does not count. */
export function rightAnswerOf({ gold, options }: Question): string {
  const words =
    "labels" in gold
      ? gold.labels.map((label) => options[optionIndex(label, options.length) ?? -1] ?? label)
      : "text" in gold
        ? [gold.text]
        : [`${gold.value} ${gold.unit}`.trim()];
  return words.join(" | ").toLowerCase();
}
