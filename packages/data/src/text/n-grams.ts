import { hash53, mix53 } from "./hash.ts";

/** Hashes of the distinct sequences of `n` words, in the order of their first occurrence; none when there are fewer words. */
export function nGrams(words: readonly string[], n: number): number[] {
  const hashes = words.map((word) => hash53(word));
  const grams = new Set<number>();
  for (let at = 0; at + n <= hashes.length; at++) grams.add(mix53(hashes, at, at + n));
  return [...grams];
}

/** As `nGrams`, but a text of fewer words is one gram, so that short texts can be compared too. */
export function shingles(words: readonly string[], n = 3): number[] {
  return nGrams(words, Math.max(1, Math.min(n, words.length)));
}

/** Jaccard index of two lists of distinct hashes in ascending order: shared ÷ all. 0 when both are empty. */
export function jaccard(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let shared = 0;
  for (let i = 0, j = 0; i < a.length && j < b.length; )
    if (a[i] === b[j]) {
      shared++;
      i++;
      j++;
    } else if (a[i]! < b[j]!) i++;
    else j++;
  const all = a.length + b.length - shared;
  return all === 0 ? 0 : shared / all;
}
