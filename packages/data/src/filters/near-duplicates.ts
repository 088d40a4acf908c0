import type { Question } from "@mede2/schemas";
import { picturesKey, plainStem } from "../records/question-keys.ts";
import { hash53, mix53 } from "../text/hash.ts";
import { shingles } from "../text/n-grams.ts";
import { similarTexts } from "../text/similar-texts.ts";
import { wordsOf } from "../text/words.ts";
import { dropped, type Filter, kept } from "./filter.ts";

export interface NearDuplicateSettings {
  /** Least Jaccard index of the sequences of three words of stem and options. */
  similarity: number;
  /** Texts whose numbers or negations differ are different questions ("potassium 2.9" against 5.1, "is true" against "is not true"). */
  sameNumbers: boolean;
}

const telling = /^(?:\d+|no|not|never|none|without|except|least|false|incorrect|neither|nor|cannot)$/;

/** Words of stem and options, these in alphabetical order. */
export const textWords = ({ stem, options }: Question): string[] =>
  wordsOf([plainStem(stem), ...[...options].sort()].join("\n"));

/** Drops a question that says nearly the same as an earlier one about the same pictures: `near-duplicate`. */
export function nearDuplicates({ similarity, sameNumbers }: NearDuplicateSettings): Filter {
  const texts = similarTexts(similarity);
  const seen = (question: Question): { list: number[]; scope: number } => {
    const words = textWords(question);
    const told = sameNumbers
      ? hash53(
          words
            .filter((word) => telling.test(word))
            .sort()
            .join(" "),
        )
      : 0;
    return { list: shingles(words), scope: mix53([picturesKey(question), told]) };
  };
  return {
    name: "near-duplicates",
    about: `no two questions about the same pictures share ${similarity} or more of their sequences of three words (Jaccard)${sameNumbers ? ", unless their numbers or negations differ" : ""}`,
    judge(question) {
      const { list, scope } = seen(question);
      const found = texts.find(list, scope);
      return found === undefined
        ? kept
        : dropped(
            "near-duplicate",
            `an earlier question has a Jaccard index of ${found.similarity.toFixed(2)}`,
          );
    },
    admit(question) {
      const { list, scope } = seen(question);
      texts.add(list, scope);
    },
  };
}
