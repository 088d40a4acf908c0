/** A generator of numbers in [0, 1) from a 32-bit seed (mulberry32, public domain). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** One seed from several numbers (FNV-1a over their bytes). */
export function mixSeeds(...parts: readonly number[]): number {
  let hash = 0x811c9dc5;
  for (const part of parts)
    for (let shift = 0; shift < 32; shift += 8)
      hash = Math.imul(hash ^ ((part >>> shift) & 0xff), 0x01000193);
  return hash >>> 0;
}

/** Fisher–Yates. */
export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const copy = [...items];
  for (let i = copy.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [copy[i], copy[j]] = [copy[j]!, copy[i]!];
  }
  return copy;
}

/** How many batches are sorted by length together: batches are of one length, yet the order stays random. */
const window = 16;

/**
 * The batches of an epoch: indices of examples, shuffled, with examples of like length together so that little is padded. A function of its arguments
 * alone, so a resumed run needs to know nothing but its step. The last batch may be smaller.
 */
export function epochBatches(
  lengths: readonly number[],
  size: number,
  seed: number,
  epoch: number,
): number[][] {
  const random = seededRandom(mixSeeds(seed, epoch));
  const order = shuffled([...lengths.keys()], random);
  const batches: number[][] = [];
  for (let start = 0; start < order.length; start += size * window) {
    const near = order.slice(start, start + size * window).sort((a, b) => lengths[a]! - lengths[b]! || a - b);
    for (let at = 0; at < near.length; at += size) batches.push(near.slice(at, at + size));
  }
  return shuffled(batches, random);
}
