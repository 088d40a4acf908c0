import { contentWords, isAmong, stemOf } from "../content-words.ts";
import { person, plainWord } from "../report-words.ts";
import type { Sentence, TraceContext } from "../trace-context.ts";

/** The words by which a sentence of the reasoning can be tied to the case and to other sentences. */
export interface SentenceWords {
  readonly sentence: Sentence;
  /** Different words of four letters or more that are neither persons nor words of any text. */
  readonly own: readonly string[];
  /** How many of them the case holds (stem, options, reference findings), and how many come again in another sentence. */
  readonly inCase: number;
  readonly inChain: number;
  /** How many do either. */
  readonly tied: number;
}

/** Several checks ask for the same. */
const known = new WeakMap<TraceContext, readonly SentenceWords[]>();

export function sentenceWords(context: TraceContext): readonly SentenceWords[] {
  const before = known.get(context);
  if (before !== undefined) return before;
  const { sentences, thought, knownWords } = context;
  const inside = sentences.filter(({ start, end }) => start >= thought.start - 1 && end <= thought.end + 1);
  const words = inside.map(({ text }) => [
    ...new Set(
      contentWords(text).filter((word) => word.length >= 4 && !plainWord.test(word) && !person.test(word)),
    ),
  ]);
  const uses = new Map<string, number>();
  for (const list of words)
    for (const stem of new Set(list.map(stemOf))) uses.set(stem, (uses.get(stem) ?? 0) + 1);
  const again = (word: string) => uses.get(stemOf(word))! > 1;
  const told = (word: string) => isAmong(word, knownWords);
  const found = inside.map((sentence, at) => {
    const own = words[at]!;
    return {
      ...{ sentence, own },
      inCase: own.filter(told).length,
      inChain: own.filter(again).length,
      tied: own.filter((word) => told(word) || again(word)).length,
    };
  });
  known.set(context, found);
  return found;
}
