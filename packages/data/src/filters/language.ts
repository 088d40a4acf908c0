import { plainStem } from "../records/question-keys.ts";
import { dropped, type Filter, kept } from "./filter.ts";

/** Scripts by primary language subtag; all others are taken to be written in Latin letters. */
const scripts: Readonly<Record<string, RegExp>> = {
  zh: /\p{Script=Han}/gu,
  ja: /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/gu,
  ko: /\p{Script=Hangul}/gu,
  ru: /\p{Script=Cyrillic}/gu,
  uk: /\p{Script=Cyrillic}/gu,
  bg: /\p{Script=Cyrillic}/gu,
  ar: /\p{Script=Arabic}/gu,
  fa: /\p{Script=Arabic}/gu,
  ur: /\p{Script=Arabic}/gu,
  he: /\p{Script=Hebrew}/gu,
  el: /\p{Script=Greek}/gu,
  hi: /\p{Script=Devanagari}/gu,
  bn: /\p{Script=Bengali}/gu,
  th: /\p{Script=Thai}/gu,
};
const latin = /\p{Script=Latin}/gu;

/**
 * Drops a question in another language (`other-language`, by its tag), or one whose letters are mostly of a script that its language is not written in (`other-script`: a
 * wrong tag). It does not tell languages of one script apart.
 */
export function languages(wanted: readonly string[]): Filter {
  const primary = (tag: string) => tag.toLowerCase().split("-")[0]!;
  const allowed = new Set(wanted.map(primary));
  return {
    name: "language",
    about: `the language is ${wanted.join(" or ")} by its tag, and most letters of the stem are of its script`,
    judge({ stem, tags }) {
      const language = primary(tags.language);
      if (!allowed.has(language)) return dropped("other-language", `the language is ${tags.language}`);
      const letters = plainStem(stem).match(/\p{L}/gu)?.length ?? 0;
      const own = plainStem(stem).match(scripts[language] ?? latin)?.length ?? 0;
      return letters > 0 && own * 2 < letters
        ? dropped("other-script", `${own} of ${letters} letters are of the script of ${tags.language}`)
        : kept;
    },
  };
}
