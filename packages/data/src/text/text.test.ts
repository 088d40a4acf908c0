import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hash53, mix53 } from "./hash.ts";
import { createHashMap, createHashSet } from "./hash-set.ts";
import { jaccard, nGrams, shingles } from "./n-grams.ts";
import { similarTexts } from "./similar-texts.ts";
import { normalisedWords, wordsOf } from "./words.ts";

const wordList = fc.array(fc.constantFrom(..."abcdefghij"), { maxLength: 40 });

describe("words", () => {
  it("fold case, punctuation and compatibility forms", () => {
    expect(wordsOf("A 45-year-old MAN, with K+ 2.9!")).toEqual([
      "a",
      "45",
      "year",
      "old",
      "man",
      "with",
      "k",
      "2",
      "9",
    ]);
    expect(normalisedWords("  Œdème  —  ﬁèvre ")).toBe("œdème fièvre");
    expect(wordsOf("左肺に影 in CT")).toEqual(["左", "肺", "に", "影", "in", "ct"]);
  });

  it("are stable under their own normalisation", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme" }),
        (text) => normalisedWords(normalisedWords(text)) === normalisedWords(text),
      ),
    );
  });
});

describe("hashes", () => {
  it("are whole numbers below 2^53 and differ for a million texts", () => {
    const seen = createHashSet();
    for (let i = 0; i < 300_000; i++) {
      const hash = hash53(`question ${i}`);
      if (!Number.isSafeInteger(hash) || hash < 0) throw new Error(String(hash));
      seen.add(hash);
      seen.add(mix53([i, 7]));
    }
    expect(seen.size).toBe(600_000);
  });

  it("of a list depend on its order", () => {
    expect(mix53([1, 2])).not.toBe(mix53([2, 1]));
    expect(mix53([5, 1, 2, 9], 1, 3)).toBe(mix53([1, 2]));
  });

  it("in a table behave as in Set and Map", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.maxSafeNat(), fc.nat(1e9)), { maxLength: 3000 }), (pairs) => {
        const [map, set] = [createHashMap(), createHashSet()];
        const expected = new Map<number, number>();
        for (const [hash, value] of pairs) {
          expect(set.add(hash)).toBe(!expected.has(hash));
          map.set(hash, value);
          expected.set(hash, value);
        }
        expect([map.size, set.size]).toEqual([expected.size, expected.size]);
        for (const [hash, value] of expected) expect([map.get(hash), set.has(hash)]).toEqual([value, true]);
        expect(map.get(2 ** 52 + 12345)).toBe(expected.get(2 ** 52 + 12345) ?? -1);
      }),
      { numRuns: 20 },
    );
  });
});

describe("n-grams", () => {
  it("are all distinct sequences", () => {
    fc.assert(
      fc.property(wordList, fc.integer({ min: 1, max: 13 }), (words, n) => {
        const sequences = new Set(words.slice(n - 1).map((_, at) => words.slice(at, at + n).join(" ")));
        expect(new Set(nGrams(words, n)).size).toBe(sequences.size);
      }),
    );
  });
});

describe("similarTexts", () => {
  const exact = (a: string[], b: string[]) => {
    const [x, y] = [a, b].map((words) => Uint32Array.from(shingles(words), (hash) => hash % 2 ** 32).sort());
    return jaccard(x!, y!);
  };

  it("finds only what is similar, and equal texts always", () => {
    fc.assert(
      fc.property(fc.array(wordList, { maxLength: 30 }), wordList, (texts, asked) => {
        const index = similarTexts(0.8);
        for (const words of texts) index.add(shingles(words), 0);
        const found = index.findAll(shingles(asked), 0);
        for (const { index: at, similarity } of found) {
          expect(similarity).toBeCloseTo(exact(texts[at]!, asked), 12);
          expect(similarity).toBeGreaterThanOrEqual(0.8);
        }
        const equal = texts.flatMap((words, at) =>
          words.length > 0 && words.join(" ") === asked.join(" ") ? [at] : [],
        );
        expect(found.map(({ index: at }) => at)).toEqual(expect.arrayContaining(equal));
        expect(index.findAll(shingles(asked), 1)).toEqual([]);
      }),
    );
  });

  it("misses few of the texts that differ in one word of fifty", () => {
    const index = similarTexts(0.8);
    const texts = Array.from({ length: 500 }, (_, t) =>
      Array.from({ length: 50 }, (_, w) => `w${hash53(`${t}/${w}`) % 900}`),
    );
    for (const words of texts) index.add(shingles(words), 0);
    const found = texts.filter(
      (words, at) => index.find(shingles(words.with(25, "changed")), 0)?.index === at,
    );
    expect(found.length).toBeGreaterThanOrEqual(498); // Jaccard 45/51 = 0.88: 0.02 % are missed
  });

  it("keeps long lists across its chunks", () => {
    const index = similarTexts(0.9);
    const lists = Array.from({ length: 12 }, (_, t) => Array.from({ length: 100_000 }, (_, i) => i * 12 + t));
    for (const list of lists) index.add(list, 0);
    expect(lists.map((list) => index.find(list, 0)?.index)).toEqual(lists.map((_, at) => at));
  });
});
