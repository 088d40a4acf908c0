import { createHashMap } from "../text/hash-set.ts";
import { nGrams } from "../text/n-grams.ts";

/** How much of an item's text another text holds. */
export interface Containment {
  item: number;
  /** Distinct n-grams of the item that the text holds, boilerplate left out. */
  shared: number;
  /** Of so many of the item. */
  of: number;
}

/** The word n-grams of benchmark items, with how many documents of the audited set hold each. */
export interface GramIndex {
  readonly n: number;
  /** Whether the text of an item is too short for one n-gram. */
  isShort(item: number): boolean;
  /** Call it with the items in order, from 0. */
  add(words: readonly string[]): void;
  /** Counts the document frequency of known n-grams. */
  countDocument(words: readonly string[]): void;
  /** The items of which the text holds an n-gram that is no boilerplate. */
  contained(words: readonly string[]): Containment[];
}

/**
 * N-grams that more than `boilerplate` documents of the audited set hold ("a 45-year-old man comes to the physician because of") say nothing and are left out of both shared and total (evaluation
 * harnesses drop them alike: GPT-3, arXiv 2005.14165, appendix C). Memory goes with the items, not with the audited set.
 */
export function gramIndex(n: number, boilerplate: number): GramIndex {
  const gramIds = createHashMap();
  const postings: number[][] = [];
  const itemGrams: Int32Array[] = [];
  const frequencies: number[] = [];
  const telling = (gram: number) => frequencies[gram]! <= boilerplate;
  const known = (words: readonly string[]): number[] =>
    nGrams(words, n)
      .map((hash) => gramIds.get(hash))
      .filter((id) => id >= 0);
  return {
    n,
    isShort: (item) => itemGrams[item]!.length === 0,
    add(words) {
      const item = itemGrams.length;
      const ids = nGrams(words, n).map((hash) => {
        const before = gramIds.get(hash);
        const id = before >= 0 ? before : gramIds.size;
        if (before < 0) gramIds.set(hash, id);
        postings[id] ??= [];
        postings[id].push(item);
        frequencies[id] ??= 0;
        return id;
      });
      itemGrams.push(Int32Array.from(ids));
    },
    countDocument(words) {
      for (const id of known(words)) frequencies[id]! += 1;
    },
    contained(words) {
      const shared = new Map<number, number>();
      for (const id of known(words).filter(telling))
        for (const item of postings[id]!) shared.set(item, (shared.get(item) ?? 0) + 1);
      return [...shared].map(([item, count]) => ({
        item,
        shared: count,
        of: itemGrams[item]!.reduce((sum, gram) => sum + (telling(gram) ? 1 : 0), 0),
      }));
    },
  };
}
