/** A stream of reproducible random numbers. Two streams of one seed are independent. */
export interface Random {
  /** 32 random bits, as an unsigned integer. */
  word(): number;
  /** Uniform in [0, 1). */
  unit(): number;
  /** Uniform in [low, high). */
  range(low: number, high: number): number;
  /** Uniform integer in [low, high], both ends included. */
  integer(low: number, high: number): number;
  /** Standard normal, from four bytes of one word (Irwin–Hall, so within ±3.5). */
  normal(): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
}

/** The spread of the sum of four uniform bytes: 2 · sqrt((256² − 1) / 12). */
const BYTES_SD = 2 * Math.sqrt((256 * 256 - 1) / 12);

/**
 * The stream `name` of `seed`: sfc32 (Doty-Humphrey, PractRand), keyed by FNV-1a of the name, warmed by 12 rounds.
 * A picture takes its anatomy, its finding and its capture from three streams, so that the same seed with another
 * finding gives the same patient, photographed under the same conditions.
 */
export function randomStream(seed: number, name: string): Random {
  let key = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) key = Math.imul(key ^ name.charCodeAt(i), 0x01000193);
  let a = seed | 0;
  let b = Math.floor(seed / 2 ** 32) | 0;
  let c = key | 0;
  let counter = 1;
  const word = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let i = 0; i < 12; i++) word();
  const unit = (): number => word() / 2 ** 32;
  return {
    word,
    unit,
    range: (low, high) => low + (high - low) * unit(),
    integer: (low, high) => low + Math.floor(unit() * (high - low + 1)),
    normal: () => {
      const bits = word();
      return ((bits & 255) + ((bits >>> 8) & 255) + ((bits >>> 16) & 255) + (bits >>> 24) - 510) / BYTES_SD;
    },
    chance: (probability) => unit() < probability,
    pick: (list) => list[Math.floor(unit() * list.length)]!,
  };
}
