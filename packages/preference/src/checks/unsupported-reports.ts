import { contentWords, sharesStem, stemOf } from "../content-words.ts";
import { hypothetical, pictureSays } from "../lexicon.ts";
import {
  circumstance,
  examination,
  graded,
  occasion,
  person,
  plainWord,
  record,
  rules,
  tellsPast,
  test,
  thinksAloud,
  told,
} from "../report-words.ts";
import type { Sentence, TraceContext } from "../trace-context.ts";

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
  const { sentences, thought, question, shown } = context;
  const known = `${shown}\n${question.findings?.toLowerCase() ?? ""}`;
  const inside = sentences.filter(({ start, end }) => start >= thought.start - 1 && end <= thought.end + 1);
  const words = inside.map(({ text }) => [
    ...new Set(
      contentWords(text).filter((word) => word.length >= 4 && !plainWord.test(word) && !person.test(word)),
    ),
  ]);
  const uses = new Map<string, number>();
  for (const list of words)
    for (const stem of new Set(list.map(stemOf))) uses.set(stem, (uses.get(stem) ?? 0) + 1);
  return inside.filter(({ text }, at) => {
    const own = words[at]!;
    if (own.length === 0 || own.length > mostWords) return false;
    if (hypothetical.test(text) || pictureSays.test(text) || thinksAloud.test(text)) return false;
    // that no test was done is true of a case that tells of none
    if (/^\W*no\b/i.test(text) && test.test(text) && !examination.test(text)) return false;
    if (rules.test(text) && !person.test(text) && !record.test(text)) return false;
    if (own.some((word) => uses.get(stemOf(word))! > 1)) return false;
    const supported = own.filter((word) => sharesStem(word, known)).length;
    if (supported / own.length > 0.2) return false;
    const sum = cues.reduce((all, [cue, weight]) => all + (cue.test(text) ? weight : 0), 0);
    return sum + (tellsPast(text) ? 2 : 0) >= 2;
  });
}
