import { plainStem } from "../records/question-keys.ts";
import { nGrams } from "../text/n-grams.ts";
import { wordsOf } from "../text/words.ts";
import { dropped, type Filter, kept } from "./filter.ts";

/** Drops a question whose stem says in words what its picture shows, as far as `findings` tells: `picture-in-words`. */
export function wordsForPicture({ share }: { share: number }): Filter {
  return {
    name: "words-for-picture",
    about: `the stem does not hold ${share} or more of the pairs of words of the picture's description, where a record has one`,
    judge({ stem, findings, images }) {
      if (findings === undefined || images.length === 0) return kept;
      const told = new Set(nGrams(wordsOf(plainStem(stem)), 2));
      const said = nGrams(wordsOf(findings), 2);
      const held = said.filter((gram) => told.has(gram)).length / Math.max(1, said.length);
      return said.length > 0 && held >= share
        ? dropped("picture-in-words", `the stem holds ${Math.round(held * 100)} % of the description`)
        : kept;
    },
  };
}
