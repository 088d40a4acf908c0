import type { Question } from "@mede2/schemas";
import { textWords } from "../filters/near-duplicates.ts";
import type { Fingerprints } from "../pictures/fingerprint.ts";
import { optionsKey, plainStem, textKey } from "../records/question-keys.ts";
import { shingles } from "../text/n-grams.ts";
import { wordsOf } from "../text/words.ts";
import type { AuditSettings } from "./audit-settings.ts";
import { type BenchmarkIndex, stemKey, tellingOptions } from "./benchmark-index.ts";

/**
 * Ways in which a question of the audited set is found in a benchmark: the same words and options; nearly the same; a good part of the stem; a picture. Told, but no contamination by
 * themselves: a single 13-gram; the same set of options; the same words with other options or about another picture.
 */
export const hitKinds = ["exact", "near", "passage", "image", "ngram", "option-set", "same-words"] as const;
export type HitKind = (typeof hitKinds)[number];

/** The kinds that are contamination. */
export const contaminating = ["exact", "near", "passage", "image"] as const satisfies readonly HitKind[];

/** A question of the audited set and an item of a benchmark, with all that they share. */
export interface Hit {
  item: number;
  kinds: HitKind[];
  /** Jaccard index of three-word sequences, for `near`. */
  similarity?: number;
  /** Shares of the item's 13-grams and 8-grams, for `passage` and `ngram`. */
  containment13?: number;
  containment8?: number;
  /** The item's picture that is shared, for `image`; with its distance and similarity when the bytes differ. */
  picture?: { sha256: string; distance?: number; similarity?: number };
}

/** Pictures of a benchmark that a question shows, by their sha256. */
export type SharedPictures = Map<string, { distance?: number; similarity?: number }>;

export async function sharedPictures(
  index: BenchmarkIndex,
  { images }: Question,
  fingerprints: Fingerprints | undefined,
): Promise<SharedPictures> {
  const shared: SharedPictures = new Map();
  if (index.byPicture.size === 0) return shared;
  for (const ref of images) {
    if (index.byPicture.has(ref.sha256)) shared.set(ref.sha256, {});
    const print = index.pictures.size === 0 ? undefined : await fingerprints?.(ref);
    for (const { key, distance, similarity } of print === undefined ? [] : index.pictures.find(print))
      if (!shared.has(key)) shared.set(key, { distance, similarity });
  }
  return shared;
}

/** Of a stem that stands in a benchmark thousands of times, so many items are told. */
const MOST_SAME = 20;

/** All that a question shares with items of the benchmarks, by item. */
export function findHits(
  index: BenchmarkIndex,
  question: Question,
  shared: SharedPictures,
  settings: AuditSettings,
  commonOptions: (key: number) => boolean,
): Hit[] {
  const hits = new Map<number, Hit>();
  const mark = (item: number, kind: HitKind): Hit => {
    const hit = hits.get(item) ?? { item, kinds: [] };
    hits.set(item, hit);
    if (!hit.kinds.includes(kind)) hit.kinds.push(kind);
    return hit;
  };
  const words = wordsOf(plainStem(question.stem));
  const identifying = words.length >= settings.identifyingWords;
  const sharing = [...new Set([...shared.keys()].flatMap((sha256) => index.byPicture.get(sha256) ?? []))];
  /** Of the items that say the same those that may be meant: the same short words about another picture are another question. */
  const meant = (of: "text" | "stem", at: number): readonly number[] => {
    const same = (of === "text" ? index.itemsOfText : index.itemsOfStem)[at]!;
    if (question.images.length === 0 || identifying) return same.all;
    return [
      ...same.plain,
      ...sharing.filter((item) => index.items[item]![of] === at && index.items[item]!.pictured),
    ];
  };

  const text = index.textIndex.get(textKey(question));
  const stem = index.stems.get(stemKey(question));
  const exact = new Set(text === undefined ? [] : meant("text", text));
  for (const item of exact) mark(item, "exact");
  let told = 0;
  for (const item of stem === undefined ? [] : index.itemsOfStem[stem]!.all) {
    if (told >= MOST_SAME) break;
    if (exact.has(item)) continue;
    mark(item, "same-words");
    told += 1;
  }
  for (const { index: other, similarity } of index.texts.findAll(shingles(textWords(question)), 0))
    for (const item of meant("text", other)) if (!exact.has(item)) mark(item, "near").similarity = similarity;
  for (const { item: other, shared: count, of } of index.grams.long.contained(words))
    for (const item of index.itemsOfStem[other]!.all) {
      mark(item, "ngram").containment13 = count / of;
      if (count / of >= settings.containment13) mark(item, "passage");
    }
  for (const { item: other, shared: count, of } of index.grams.short.contained(words))
    if (count / of >= settings.containment8)
      for (const item of meant("stem", other)) {
        mark(item, "ngram").containment8 = count / of;
        mark(item, "passage");
      }
  const options = optionsKey(question);
  const alike =
    tellingOptions(question) && !commonOptions(options) ? (index.byOptions.get(options) ?? []) : [];
  // more items than that have a fixed choice of labels, which tells nothing
  if (alike.length <= settings.boilerplate) for (const item of alike) mark(item, "option-set");
  for (const [sha256, { distance, similarity }] of shared)
    for (const item of index.byPicture.get(sha256) ?? []) {
      const hit = mark(item, "image");
      if (hit.picture === undefined || hit.picture.distance !== undefined)
        hit.picture = {
          sha256,
          ...(distance === undefined ? {} : { distance }),
          ...(similarity === undefined ? {} : { similarity }),
        };
    }
  return [...hits.values()].sort((a, b) => a.item - b.item);
}
