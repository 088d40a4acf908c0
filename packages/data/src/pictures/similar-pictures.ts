import { hammingDistance } from "@mede2/images";
import type { Fingerprint } from "./fingerprint.ts";
import { structuralSimilarity } from "./structural-similarity.ts";

/** When two pictures are taken for one. */
export interface PictureThresholds {
  /** Most bits in which the difference hashes differ, 0–6, for a candidate. */
  distance: number;
  /** Least structural similarity of the thumbnails, by which a candidate is confirmed. */
  similarity: number;
}

/**
 * Hashes at most 6 bits apart, as the field does, and a structural similarity of 0.9. Of 748,476 pairs of chest films a tenth have such hashes; their similarity
 * is at most 0.896 but for pairs that are the same byte by byte (docs/data.md).
 */
export const pictureThresholds: PictureThresholds = { distance: 6, similarity: 0.9 };

export interface SimilarPicture {
  key: string;
  distance: number;
  similarity: number;
}

/** Pictures by fingerprint, of which those similar to a given one are found without comparing all. */
export interface SimilarPictures {
  readonly size: number;
  add(key: string, fingerprint: Fingerprint): void;
  /** The confirmed ones, most similar first. */
  find(fingerprint: Fingerprint): SimilarPicture[];
}

/** The first bit of each of the 7 parts of a hash: two hashes that differ in at most 6 bits agree in one part at least. */
const parts = [0n, 10n, 19n, 28n, 37n, 46n, 55n];

export function similarPictures({
  distance,
  similarity,
}: PictureThresholds = pictureThresholds): SimilarPictures {
  if (!(distance >= 0 && distance <= 6))
    throw new RangeError(
      `the distance of hashes must be 0–6, not ${distance}: farther ones are not found by their parts`,
    );
  const keys: string[] = [];
  const prints: Fingerprint[] = [];
  const buckets = parts.map(() => new Map<number, number[]>());
  const partOf = (hash: bigint, part: number) => Number((hash >> parts[part]!) & (part === 0 ? 1023n : 511n));
  return {
    get size() {
      return keys.length;
    },
    add(key, print) {
      const index = keys.push(key) - 1;
      prints.push(print);
      for (const [part, bucket] of buckets.entries()) {
        const value = partOf(print.hash, part);
        const list = bucket.get(value);
        if (list === undefined) bucket.set(value, [index]);
        else list.push(index);
      }
    },
    find(print) {
      const candidates = new Set(
        buckets.flatMap((bucket, part) => bucket.get(partOf(print.hash, part)) ?? []),
      );
      return [...candidates]
        .flatMap((index) => {
          const apart = hammingDistance(print.hash, prints[index]!.hash);
          if (apart > distance) return [];
          const alike = structuralSimilarity(print.thumbnail, prints[index]!.thumbnail);
          return alike < similarity ? [] : [{ key: keys[index]!, distance: apart, similarity: alike, index }];
        })
        .sort((a, b) => b.similarity - a.similarity || a.index - b.index)
        .map(({ index, ...found }) => found);
    },
  };
}
