import type { ImageRef, Question } from "@mede2/schemas";
import { textWords } from "../filters/near-duplicates.ts";
import type { Fingerprints } from "../pictures/fingerprint.ts";
import { type SimilarPictures, similarPictures } from "../pictures/similar-pictures.ts";
import { optionsKey, plainStem, textKey } from "../records/question-keys.ts";
import { hash53 } from "../text/hash.ts";
import { shingles } from "../text/n-grams.ts";
import { type SimilarTexts, similarTexts } from "../text/similar-texts.ts";
import { normalisedWords, wordsOf } from "../text/words.ts";
import type { AuditSettings } from "./audit-settings.ts";
import { type GramIndex, gramIndex } from "./gram-index.ts";

/** One question of a benchmark, as far as the audit needs it. */
export interface BenchmarkItem {
  /** Index of its file. */
  file: number;
  id: string;
  pictures: readonly string[];
}

/** All questions of the benchmarks, ready to be looked up. Memory goes with their number. */
export interface BenchmarkIndex {
  items: BenchmarkItem[];
  /** Items by the hash of stem and options, of the stem, and of the set of options. */
  byText: Map<number, number[]>;
  byStem: Map<number, number[]>;
  byOptions: Map<number, number[]>;
  /** Different texts, and the items that have the text at each index. */
  texts: SimilarTexts;
  itemsOfText: number[][];
  grams: { short: GramIndex; long: GramIndex };
  /** Items by sha256 of a picture. */
  byPicture: Map<string, number[]>;
  pictures: SimilarPictures;
}

export const stemKey = ({ stem }: Question): number => hash53(normalisedWords(plainStem(stem)));

/** A set of options that tells a question: three or more, with twenty letters and digits or more together. */
export const tellingOptions = (question: Question): boolean =>
  question.options.length >= 3 && question.options.join("").length >= 20;

export function benchmarkIndex(settings: AuditSettings): BenchmarkIndex {
  return {
    items: [],
    byText: new Map(),
    byStem: new Map(),
    byOptions: new Map(),
    texts: similarTexts(settings.nearSimilarity),
    itemsOfText: [],
    grams: { short: gramIndex(8, settings.boilerplate), long: gramIndex(13, settings.boilerplate) },
    byPicture: new Map(),
    pictures: similarPictures(settings.pictures),
  };
}

export async function addBenchmark(
  index: BenchmarkIndex,
  file: number,
  question: Question,
  fingerprints: Fingerprints | undefined,
): Promise<void> {
  const item = index.items.length;
  index.items.push({ file, id: question.id, pictures: question.images.map(({ sha256 }) => sha256) });
  const text = textKey(question);
  const known = index.byText.get(text);
  if (known === undefined) {
    index.texts.add(shingles(textWords(question)), 0);
    const list = [item];
    index.byText.set(text, list);
    index.itemsOfText.push(list);
  } else known.push(item);
  push(index.byStem, stemKey(question), item);
  if (tellingOptions(question)) push(index.byOptions, optionsKey(question), item);
  const words = wordsOf(plainStem(question.stem));
  index.grams.short.add(words);
  index.grams.long.add(words);
  for (const ref of question.images) await addPicture(index, item, ref, fingerprints);
}

async function addPicture(
  index: BenchmarkIndex,
  item: number,
  ref: ImageRef,
  fingerprints: Fingerprints | undefined,
): Promise<void> {
  if (!index.byPicture.has(ref.sha256)) {
    const print = await fingerprints?.(ref);
    if (print !== undefined) index.pictures.add(ref.sha256, print);
  }
  push(index.byPicture, ref.sha256, item);
}

function push<K>(map: Map<K, number[]>, key: K, item: number): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [item]);
  else if (list.at(-1) !== item) list.push(item);
}
