import { NnFault } from "../fault.ts";

export type LearntMerges = {
  /** Token of each id: the alphabet, then one for each merge. */
  readonly tokens: readonly string[];
  /** In order of rank. */
  readonly merges: readonly (readonly [string, string])[];
};

type Candidate = { readonly count: number; readonly pair: number };

const PAIR_BASE = 65536;

/**
 * Byte-pair merges of counted words: again and again the most frequent neighbouring pair becomes a token, among equals
 * the pair of lowest ids. Counts are kept up to date word by word; the heap holds stale entries, which are corrected
 * when they surface.
 *
 * @param words     word (written in `alphabet`) → how often it occurs
 * @param alphabet  characters with ids 0 …, at most 65,536 tokens in all
 */
export function learnMerges(
  words: ReadonlyMap<string, number>,
  alphabet: readonly string[],
  limit: number,
  minFrequency: number,
): LearntMerges {
  if (alphabet.length + limit > PAIR_BASE) {
    throw new NnFault(
      "vocabulary-too-large",
      `at most ${PAIR_BASE} tokens can be learnt, asked for ${alphabet.length + limit}`,
    );
  }
  const tokens = [...alphabet];
  const idOf = new Map(tokens.map((token, id) => [token, id]));
  const merges: (readonly [string, string])[] = [];
  // sorted, so that the order of the corpus cannot matter
  const sorted = [...words].sort(([a], [b]) => (a < b ? -1 : 1));
  const symbols = sorted.map(([word]) => Array.from(word, (c) => idOf.get(c) ?? missing(c)));
  const frequency = sorted.map(([, count]) => count);
  const counts = new Map<number, number>();
  const holders = new Map<number, Set<number>>();
  const touched = new Set<number>();

  const count = (word: number, sign: 1 | -1): void => {
    const ids = symbols[word]!;
    for (let i = 0; i + 1 < ids.length; i++) {
      const pair = ids[i]! * PAIR_BASE + ids[i + 1]!;
      counts.set(pair, (counts.get(pair) ?? 0) + sign * frequency[word]!);
      touched.add(pair);
      if (sign < 0) continue;
      const set = holders.get(pair);
      if (set === undefined) holders.set(pair, new Set([word]));
      else set.add(word);
    }
  };
  const heap: Candidate[] = [];
  const offerTouched = (): void => {
    for (const pair of touched) push(heap, { count: counts.get(pair)!, pair });
    touched.clear();
  };
  for (let word = 0; word < symbols.length; word++) count(word, 1);
  offerTouched();

  while (merges.length < limit) {
    const best = pop(heap);
    if (best === undefined || best.count < minFrequency || best.count < 1) break;
    if (counts.get(best.pair) !== best.count) continue; // stale: the right count has its own entry
    const left = Math.floor(best.pair / PAIR_BASE);
    const right = best.pair % PAIR_BASE;
    const token = tokens[left]! + tokens[right]!;
    // two ways to the same string share one id, and then the vocabulary grows by less than the merges
    const id = idOf.get(token) ?? tokens.push(token) - 1;
    idOf.set(token, id);
    merges.push([tokens[left]!, tokens[right]!]);
    for (const word of holders.get(best.pair) ?? []) {
      count(word, -1);
      symbols[word] = merged(symbols[word]!, left, right, id);
      count(word, 1);
    }
    holders.delete(best.pair);
    counts.set(best.pair, 0);
    touched.delete(best.pair);
    offerTouched();
  }
  return { tokens, merges };
}

function merged(ids: readonly number[], left: number, right: number, id: number): number[] {
  const out: number[] = [];
  for (let i = 0; i < ids.length; i++) {
    const found = ids[i] === left && ids[i + 1] === right;
    out.push(found ? id : ids[i]!);
    if (found) i++;
  }
  return out;
}

function missing(character: string): never {
  throw new NnFault("alphabet-incomplete", `the alphabet lacks "${character}"`);
}

const before = (a: Candidate, b: Candidate): boolean =>
  a.count > b.count || (a.count === b.count && a.pair < b.pair);

function push(heap: Candidate[], item: Candidate): void {
  let at = heap.push(item) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!before(item, heap[parent]!)) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = item;
}

function pop(heap: Candidate[]): Candidate | undefined {
  const top = heap[0];
  const last = heap.pop();
  if (top === undefined || last === undefined || heap.length === 0) return top;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
    if (!before(heap[child]!, last)) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = last;
  return top;
}
