import { antonymPairs } from "./antonym-pairs.ts";

/** Forms of a word as one: third persons, plurals and a silent e. */
export const wordStem = (word: string): string => (word.length > 3 ? word.replace(/(?:es|s|e)$/, "") : word);

const opposites = new Map<string, Set<string>>();
for (const pair of antonymPairs.split(" ")) {
  const [one, other] = pair.split("/").map(wordStem) as [string, string];
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    const known = opposites.get(from);
    if (known === undefined) opposites.set(from, new Set([to]));
    else known.add(to);
  }
}

/** Verbs that say of a thing what another verb denies. By their stems. */
const denying = new Set(
  "lack omit refut prevent exclud contradict miss avoid block inhibit forbid reject deny deni spare".split(
    " ",
  ),
);

/** Whether two words, by their stems, are opposites in WordNet, or one is the other with a prefix that denies. */
export function areOpposite(one: string, other: string): boolean {
  if (one === other) return false;
  if (denying.has(one) !== denying.has(other)) return true;
  return opposites.get(one)?.has(other) === true || deniesWord(one, other) || deniesWord(other, one);
}

function deniesWord(long: string, short: string): boolean {
  if (short.length < 4 || !long.endsWith(short)) return false;
  return /^(?:un|in|im|ir|il|non|dis|mis|ab|anti|hypo|hyper)$/.test(long.slice(0, -short.length));
}
