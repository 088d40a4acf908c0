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
  pictured: boolean;
  /** Indices of its text (stem and options) and of its stem. */
  text: number;
  stem: number;
}

/** Items that say the same: all, and those without pictures. */
export interface SameItems {
  all: number[];
  plain: number[];
}

/** All questions of the benchmarks, ready to be looked up. Memory goes with their number. */
export interface BenchmarkIndex {
  items: BenchmarkItem[];
  /** Items by the hash of their set of options. */
  byOptions: Map<number, number[]>;
  /** Different stems by their hash, and the items that have the stem at each index: a benchmark may ask one thing about thousands of pictures. */
  stems: Map<number, number>;
  itemsOfStem: SameItems[];
  /** Different texts by the hash of stem and options, and the items that have the text at each index. */
  textIndex: Map<number, number>;
  texts: SimilarTexts;
  itemsOfText: SameItems[];
  /** By index of the stem. */
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
    stems: new Map(),
    itemsOfStem: [],
    byOptions: new Map(),
    textIndex: new Map(),
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
  const pictured = question.images.length > 0;
  const text = placeOf(index.textIndex, index.itemsOfText, textKey(question), () =>
    index.texts.add(shingles(textWords(question)), 0),
  );
  const stem = placeOf(index.stems, index.itemsOfStem, stemKey(question), () => {
    const words = wordsOf(plainStem(question.stem));
    index.grams.short.add(words);
    index.grams.long.add(words);
  });
  index.items.push({ file, id: question.id, pictured, text, stem });
  for (const same of [index.itemsOfText[text]!, index.itemsOfStem[stem]!]) {
    same.all.push(item);
    if (!pictured) same.plain.push(item);
  }
  if (tellingOptions(question)) push(index.byOptions, optionsKey(question), item);
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

/** The index of a key, which is made the first time. */
function placeOf(indices: Map<number, number>, items: SameItems[], key: number, first: () => void): number {
  const known = indices.get(key);
  if (known !== undefined) return known;
  first();
  const index = items.push({ all: [], plain: [] }) - 1;
  indices.set(key, index);
  return index;
}
