import type { Question } from "@mede2/schemas";
import { optionsKey, plainStem } from "../records/question-keys.ts";
import { createHashSet } from "../text/hash-set.ts";
import { wordsOf } from "../text/words.ts";
import { type BenchmarkIndex, stemKey } from "./benchmark-index.ts";

/** Counts in how many different stems of the audited set the n-grams and option sets of the benchmarks occur. 16 bytes a stem. */
export function documentCounter(index: BenchmarkIndex) {
  const stems = createHashSet();
  const optionFrequency = new Map([...index.byOptions.keys()].map((key) => [key, 0]));
  return {
    add(question: Question): void {
      if (!stems.add(stemKey(question))) return;
      const words = wordsOf(plainStem(question.stem));
      index.grams.short.countDocument(words);
      index.grams.long.countDocument(words);
      const options = optionsKey(question);
      const known = optionFrequency.get(options);
      if (known !== undefined) optionFrequency.set(options, known + 1);
    },
    withOptions: (key: number): number => optionFrequency.get(key) ?? 0,
  };
}
