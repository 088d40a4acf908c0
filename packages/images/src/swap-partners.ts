import { createRandom, type Random } from "@mede2/stats";

/** `key` says which image it is (its sha256), `group` what it may be swapped with (its modality). */
export type SwapItem = { key: string; group: string };

/**
 * For each item the index of the item whose image it gets, by seed.
 *
 * Within a group the result is a permutation in which no item gets an image with its own key, whenever one exists (no key has more
 * than half of the group). Where it does not exist, the other images of the group are used several times; a group with a
 * single key takes from the other groups; and when all items have one key, an item gets its own index: compare keys to find those.
 */
export function swapPartners(items: readonly SwapItem[], seed: number | string): number[] {
  const random = createRandom(seed);
  const partners = items.map((_, index) => index);
  for (const members of indexBy(items, (item) => item.group).values()) {
    const blocks = [...indexBy(items, (item) => item.key, members).values()].map((block) =>
      random.shuffled(block),
    );
    const order = random.shuffled(blocks).sort((a, b) => b.length - a.length);
    const largest = order[0]!;
    const others = order.slice(1).flat();
    if (others.length === 0) fromOtherGroups(items, largest, partners, random);
    else if (largest.length > others.length) {
      for (const [at, index] of largest.entries()) partners[index] = others[at % others.length]!;
      for (const [at, index] of others.entries()) partners[index] = largest[at]!;
    } else {
      // Equal keys stand together, so a shift by the longest run leaves every run.
      const all = [...largest, ...others];
      for (const [at, index] of all.entries()) partners[index] = all[(at + largest.length) % all.length]!;
    }
  }
  return partners;
}

function fromOtherGroups(
  items: readonly SwapItem[],
  members: readonly number[],
  partners: number[],
  random: Random,
): void {
  const { key } = items[members[0]!]!;
  const candidates = random.shuffled(items.flatMap((item, index) => (item.key === key ? [] : [index])));
  if (candidates.length === 0) return;
  for (const [at, index] of members.entries()) partners[index] = candidates[at % candidates.length]!;
}

function indexBy(
  items: readonly SwapItem[],
  field: (item: SwapItem) => string,
  among: readonly number[] = items.map((_, i) => i),
): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const index of among) {
    const name = field(items[index]!);
    const list = found.get(name);
    if (list) list.push(index);
    else found.set(name, [index]);
  }
  return found;
}
