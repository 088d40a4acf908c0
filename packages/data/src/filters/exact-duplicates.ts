import { goldTexts, picturesKey, textKey } from "../records/question-keys.ts";
import { hash53, mix53 } from "../text/hash.ts";
import { createHashMap } from "../text/hash-set.ts";
import { normalisedWords } from "../text/words.ts";
import { dropped, type Filter, kept } from "./filter.ts";

/**
 * Drops a question whose words, options (in any order) and pictures (by sha256) came before: `duplicate`, or `duplicate-other-answer` when the answers differ.
 * The same words on another picture are another question. Some 25 bytes a question.
 */
export function exactDuplicates(): Filter {
  const answers = createHashMap();
  const keyOf = (question: Parameters<Filter["judge"]>[0]) =>
    mix53([textKey(question), picturesKey(question)]);
  const answerOf = (question: Parameters<Filter["judge"]>[0]) =>
    hash53(goldTexts(question).map(normalisedWords).sort().join("\u0000")) & 0x7fffffff;
  return {
    name: "exact-duplicates",
    about: "the same words, options and pictures come once",
    judge(question) {
      const before = answers.get(keyOf(question));
      if (before < 0) return kept;
      return before === answerOf(question)
        ? dropped("duplicate", "the same words, options and pictures came before")
        : dropped("duplicate-other-answer", "the same question came before with another answer");
    },
    admit: (question) => answers.set(keyOf(question), answerOf(question)),
  };
}
