/**
 * Seeded random numbers: xoshiro128** 1.1 (Blackman & Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 47(4),
 * 2021), its 128 bits of state filled by SplitMix32 (a 32-bit SplitMix with the finaliser of MurmurHash3). Integer arithmetic
 * only, so a seed gives the same sequence on every machine. Not for secrets.
 */
export interface Random {
  /** The next 32 bits, 0 … 2³²−1. */
  uint32(): number;
  /** Uniform in [0, 1), a multiple of 2⁻⁵³. */
  uniform(): number;
  /** Uniform integer in [0, bound), without modulo bias; `bound` is an integer from 1 to 2³². */
  below(bound: number): number;
  /** A new array with the items in random order (Fisher–Yates). */
  shuffled<T>(items: readonly T[]): T[];
  /** An independent generator, seeded from this one. */
  fork(): Random;
}

/** A generator for a seed: an integer, of which the low 53 bits count, or a text, which is hashed (FNV-1a). */
export function createRandom(seed: number | string): Random {
  const nextWord = splitMix32(seed);
  return fromState(nextWord(), nextWord(), nextWord(), nextWord());
}

/** The generator from 128 bits of state, not all zero; for the reference test. */
export function fromState(a: number, b: number, c: number, d: number): Random {
  let [s0, s1, s2, s3] = [a | 0, b | 0, c | 0, d | 0];
  const uint32 = (): number => {
    const scrambled = Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9) >>> 0;
    const shifted = s1 << 9;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= shifted;
    s3 = rotateLeft(s3, 11);
    return scrambled;
  };
  const below = (bound: number): number => {
    if (!(bound >= 1)) throw new RangeError(`there is no integer in [0, ${bound})`);
    if (bound > 2 ** 21) return wide(bound);
    // Lemire 2019 (ACM TOMACS 29(1)): the upper half of word · bound; exact in a double for these bounds.
    let product = uint32() * bound;
    if (product >>> 0 < bound) {
      const threshold = 2 ** 32 % bound;
      while (product >>> 0 < threshold) product = uint32() * bound;
    }
    return Math.floor(product / 2 ** 32);
  };
  const wide = (bound: number): number => {
    const limit = 2 ** 32 - (2 ** 32 % bound);
    let word = uint32();
    while (word >= limit) word = uint32();
    return word % bound;
  };
  return {
    uint32,
    uniform: () => ((uint32() >>> 5) * 67108864 + (uint32() >>> 6)) / 9007199254740992,
    below,
    shuffled(items) {
      const out = [...items];
      for (let last = out.length - 1; last > 0; last--) {
        const other = below(last + 1);
        [out[last], out[other]] = [out[other]!, out[last]!];
      }
      return out;
    },
    fork: () => fromState(uint32(), uint32(), uint32(), uint32() | 1),
  };
}

function rotateLeft(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

function splitMix32(seed: number | string): () => number {
  let state: number;
  if (typeof seed === "number") {
    if (!Number.isSafeInteger(seed)) throw new RangeError(`the seed must be a safe integer, not ${seed}`);
    state = (seed | 0) ^ Math.imul(Math.floor(seed / 2 ** 32) | 0, 0x85ebca6b);
  } else {
    state = 0x811c9dc5;
    for (let index = 0; index < seed.length; index++)
      state = Math.imul(state ^ seed.charCodeAt(index), 0x01000193);
  }
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let word = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
    return (word ^ (word >>> 16)) >>> 0;
  };
}
