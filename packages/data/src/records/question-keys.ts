import { optionIndex, type Question } from "@mede2/schemas";
import { hash53, mix53 } from "../text/hash.ts";
import { normalisedWords } from "../text/words.ts";

/** Stands in a stem where a picture stands; it is no word. */
export const plainStem = (stem: string): string => stem.replaceAll("<image>", " ");

/** Hash of the words of the stem and of the options, whatever their order. */
export function textKey({ stem, options }: Question): number {
  const sorted = options.map(normalisedWords).sort();
  return hash53([normalisedWords(plainStem(stem)), ...sorted].join("\u0000"));
}

/** Hash of the set of options; 0 when there are none. */
export function optionsKey({ options }: Question): number {
  return options.length === 0 ? 0 : hash53(options.map(normalisedWords).sort().join("\u0000"));
}

/** Hash of the pictures, whatever their order; 0 when there are none. */
export function picturesKey({ images }: Question): number {
  if (images.length === 0) return 0;
  return mix53(
    [...new Set(images.map(({ sha256 }) => Number.parseInt(sha256.slice(0, 13), 16)))].sort((a, b) => a - b),
  );
}

/** Positions of the right options; empty where the gold answer is no label. */
export function goldIndices({ gold, options }: Question): number[] {
  if (!("labels" in gold)) return [];
  return gold.labels.flatMap((label) => optionIndex(label, options.length) ?? []);
}

/** The right answer in words: the right options, the text with its aliases, or the value. */
export function goldTexts(question: Question): string[] {
  const { gold, options } = question;
  if ("labels" in gold) return goldIndices(question).map((index) => options[index]!);
  return "text" in gold ? [gold.text, ...gold.aliases] : [`${gold.value} ${gold.unit}`.trim()];
}
