import type { Question } from "@mede2/schemas";
import { goldIndices } from "../records/question-keys.ts";
import { dropped, type Filter, kept } from "./filter.ts";

const absolute =
  /\b(?:always|never|only|every|all(?! of (?:the|these) (?:above|following))|none(?! of (?:the|these) (?:above|following))|must|completely|entirely|invariably|exclusively|impossible|under no circumstances|in no case|without exception)\b/i;

/**
 * Whether absolute words give wrong options away: each wrong option but at most one holds one ("always", "never", "only" …), and the right option holds none
 * (Case and Swanson, "Constructing written test questions", NBME). "All of the above" is a form, not an absolute word.
 */
export function absoluteWordsTell(question: Question): boolean {
  const [right, ...more] = goldIndices(question);
  if (right === undefined || more.length > 0 || question.options.length < 2) return false;
  if (absolute.test(question.options[right]!)) return false;
  const wrong = question.options.filter((_, index) => index !== right);
  const telling = wrong.filter((option) => absolute.test(option)).length;
  return telling > 0 && telling >= wrong.length - 1;
}

/** Drops a question whose wrong options can be told by absolute words: `absolute-words`. */
export function absoluteWords(): Filter {
  return {
    name: "absolute-words",
    about: 'absolute words ("always", "never", "only" …) do not leave the right option and at most one other',
    judge: (question) =>
      absoluteWordsTell(question)
        ? dropped("absolute-words", "absolute words stand in the wrong options alone")
        : kept,
  };
}
