import { hypothetical, pictureSays } from "../lexicon.ts";
import {
  circumstance,
  examination,
  graded,
  occasion,
  person,
  record,
  rules,
  tellsPast,
  test,
  thinksAloud,
  told,
} from "../report-words.ts";
import type { Sentence, TraceContext } from "../trace-context.ts";
import { type SentenceWords, sentenceWords } from "./sentence-words.ts";

/** Cues that a sentence speaks of one person; the first three count double, as does what has happened. */
const cues: readonly (readonly [RegExp, number])[] = [
  [person, 2],
  [record, 2],
  [circumstance, 2],
  [occasion, 1],
  [examination, 1],
  [test, 1],
  [told, 1],
  [graded, 1],
];

/** How many words may be in a sentence that is read as one report. */
const mostWords = 24;

/**
 * Sentences that report something of this patient of which the case holds nothing: at most a fifth of their words stand in the case, none of them comes again in the
 * chain, and they speak of one person rather than of medicine. What is only thought of, or said of the picture, is left to other checks.
 */
export function unsupportedReports(context: TraceContext): readonly Sentence[] {
  const known = found.get(context);
  if (known !== undefined) return known;
  const reports = findReports(context);
  found.set(context, reports);
  return reports;
}

/** A gate and a criterion ask for the same. */
const found = new WeakMap<TraceContext, readonly Sentence[]>();

function findReports(context: TraceContext): Sentence[] {
  return sentenceWords(context)
    .filter(({ sentence: { text }, own, inCase, inChain }) => {
      if (own.length === 0 || own.length > mostWords || inChain > 0 || inCase / own.length > 0.2)
        return false;
      if (isThought(text)) return false;
      // that no test was done is true of a case that tells of none
      if (/^\W*no\b/i.test(text) && test.test(text) && !examination.test(text)) return false;
      if (rules.test(text) && !person.test(text) && !record.test(text)) return false;
      const sum = cues.reduce((all, [cue, weight]) => all + (cue.test(text) ? weight : 0), 0);
      return sum + (tellsPast(text) ? 2 : 0) >= 2;
    })
    .map(({ sentence }) => sentence);
}

const isThought = (text: string) =>
  hypothetical.test(text) || pictureSays.test(text) || thinksAloud.test(text);

/** Most of a loose sentence's words that may be tied to anything. */
const mostTied = 1 / 3;

/**
 * Statements that stand alone: of their words, two or more, at most a third stands in the case or comes again in the chain. What is only thought of, what is said of the picture, and rules of medicine
 * are none. Whether such a statement speaks of the patient is not asked: nothing that the case holds leads to it, and nothing follows from it.
 */
export function looseSentences(context: TraceContext): readonly SentenceWords[] {
  return sentenceWords(context).filter(
    ({ sentence: { text }, own, tied }) =>
      own.length >= 2 &&
      own.length <= mostWords &&
      tied / own.length <= mostTied &&
      !isThought(text) &&
      !rules.test(text),
  );
}
