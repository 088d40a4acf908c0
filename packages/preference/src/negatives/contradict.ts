import type { Random } from "@mede2/stats";
import { denials, opposites, otherConclusions, rejections } from "./contradiction-words.ts";
import type { TemplateSet } from "./templates.ts";

interface Place {
  question: { options: readonly string[] };
  sentences: readonly string[];
  answer: string;
  random: Random;
  set: TemplateSet;
}

/**
 * The chain with a sentence in it that another of its sentences denies: an opposite or a denial of something that was said, another number, the answer
 * dropped without a word, or another answer concluded in between. The end stays.
 */
export function contradicted({ question, sentences, answer, random, set }: Place): string[] | null {
  const ways = random.shuffled([oppositeOf, denialOf, otherNumber]);
  // what is said of the case, not of thoughts about it
  const plain = random.shuffled(
    sentences
      .map((sentence, at) => ({ sentence, at }))
      .filter(({ sentence }) => !/\b(?:would|could|might|if|check|not|no)\b/i.test(sentence)),
  );
  const kind = random.below(4);
  if (kind < 2)
    for (const way of ways)
      for (const { sentence, at } of plain) {
        const against = way(sentence, set, random);
        if (against === null) continue;
        const place = Math.min(sentences.length, at + 1 + random.below(2));
        return [...sentences.slice(0, place), against, ...sentences.slice(place)];
      }
  const others = question.options.filter((option) => option !== answer);
  const texts = kind === 3 && others.length > 0 ? otherConclusions[set] : rejections[set];
  const words = kind === 3 && others.length > 0 ? random.shuffled(others)[0]! : answer;
  const said = texts[random.below(texts.length)]!.replace("{}", words);
  const place = Math.max(1, sentences.length - 1);
  return [...sentences.slice(0, place), said, ...sentences.slice(place)];
}

function oppositeOf(sentence: string, set: TemplateSet): string | null {
  for (const [one, other] of opposites[set])
    for (const [from, to] of [
      [one, other],
      [other, one],
    ] as const) {
      const found = new RegExp(`\\b${from}\\b`, "i");
      if (found.test(sentence)) return sentence.replace(found, to);
    }
  return null;
}

function denialOf(sentence: string, set: TemplateSet): string | null {
  for (const [verb, denied] of denials[set]) {
    const found = new RegExp(`\\b${verb}\\b`);
    if (found.test(sentence)) return sentence.replace(found, denied);
  }
  return null;
}

function otherNumber(sentence: string, _: TemplateSet, random: Random): string | null {
  const found = /(?<![\p{L}\d.,])\d+(?:\.\d+)?(?![\d.,])/u.exec(sentence);
  if (found === null) return null;
  const value = Number(found[0]);
  const digits = found[0].split(".")[1]?.length ?? 0;
  const other = (value * (1.3 + random.uniform()) + 1).toFixed(digits);
  return sentence.slice(0, found.index) + other + sentence.slice(found.index + found[0].length);
}
