import { createRandom, type Random } from "@mede2/stats";
import { PreferenceError } from "../preference-error.ts";
import type { PairSettings } from "./pair-settings.ts";
import type { Dropped, Proposal } from "./propose-pairs.ts";

/**
 * The proposals that become pairs. Case by case the two sorts (both right, or not) take turns, each with its best next: lengths that match
 * first, then traces that were used least, then chance. What is too many of a kind, or leaves fewer than `bothRightShare` pairs with both answers right, is
 * dropped by chance. The result is in the order of the proposals' questions and depends on their content and the seed alone.
 */
export function selectPairs(
  proposals: readonly Proposal[],
  settings: PairSettings,
): { selected: Proposal[]; dropped: Dropped } {
  const dropped: Dropped = {};
  const drop = (reason: string, count: number) => {
    if (count > 0) dropped[reason] = (dropped[reason] ?? 0) + count;
  };
  const byCase = new Map<string, Proposal[]>();
  for (const proposal of proposals) {
    const list = byCase.get(proposal.caseId);
    if (list) list.push(proposal);
    else byCase.set(proposal.caseId, [proposal]);
  }
  let selected: Proposal[] = [];
  for (const [caseId, list] of byCase) {
    const picked = ofCase(list, settings, createRandom(`${settings.seed}/case/${caseId}`));
    drop("selection:per-case", list.length - picked.length);
    selected.push(...picked);
  }
  const random = createRandom(`${settings.seed}/balance`);
  for (const [kind, share] of Object.entries(settings.kinds)) {
    const others = selected.filter((proposal) => proposal.kind !== kind).length;
    const most = share >= 1 ? selected.length : Math.floor((share * others) / (1 - share));
    const kept = keepSome(selected, (proposal) => proposal.kind === kind, most, random);
    drop(`selection:kind:${kind}`, selected.length - kept.length);
    selected = kept;
  }
  const even = balanceKinds(selected, settings.kindShare, random);
  drop("selection:kind-share", selected.length - even.length);
  selected = even;
  const balanced = withBothRight(selected, settings, random);
  drop("selection:both-right-share", selected.length - balanced.length);
  const limited = limit(balanced, settings, random);
  drop("selection:limit", balanced.length - limited.length);
  return { selected: limited, dropped };
}

function ofCase(list: readonly Proposal[], settings: PairSettings, random: Random): Proposal[] {
  const chosenUse = new Map<string, number>();
  const rejectedUse = new Map<string, number>();
  const use = (proposal: Proposal) =>
    (chosenUse.get(proposal.chosen) ?? 0) + (rejectedUse.get(proposal.rejected) ?? 0);
  const unmatched = ({ lengthLogRatio }: Proposal) =>
    settings.lengthMatch !== "ignore" && Math.abs(lengthLogRatio) >= settings.lengthLogRatio ? 1 : 0;
  let left = random.shuffled(sorted(list));
  let wantBothRight = random.below(2) === 1;
  const picked: Proposal[] = [];
  while (picked.length < settings.perCase) {
    left = left.filter(({ chosen }) => (chosenUse.get(chosen) ?? 0) < settings.perChosen);
    const sort = left.some(({ bothRight }) => bothRight === wantBothRight) ? wantBothRight : !wantBothRight;
    const best = left
      .filter(({ bothRight }) => bothRight === sort)
      .reduce<Proposal | undefined>((a, b) => {
        if (a === undefined) return b;
        const order = unmatched(a) - unmatched(b) || use(a) - use(b);
        return order <= 0 ? a : b;
      }, undefined);
    if (best === undefined) break;
    picked.push(best);
    left = left.filter((proposal) => proposal !== best);
    chosenUse.set(best.chosen, (chosenUse.get(best.chosen) ?? 0) + 1);
    rejectedUse.set(best.rejected, (rejectedUse.get(best.rejected) ?? 0) + 1);
    wantBothRight = !wantBothRight;
  }
  return picked;
}

/** Drops pairs with a wrong answer until enough of the rest have two right ones. */
function withBothRight(
  selected: Proposal[],
  { bothRightShare, outcomeOnly }: PairSettings,
  random: Random,
): Proposal[] {
  if (outcomeOnly || bothRightShare === 0 || selected.length === 0) return selected;
  const both = selected.filter(({ bothRight }) => bothRight).length;
  if (both === 0)
    throw new PreferenceError(
      "share-unreachable",
      `none of ${selected.length} pairs has two right answers, but a share of ${bothRightShare} is wanted: draw more candidates a question, lower the margin, or lower bothRightShare`,
    );
  const most = Math.floor((both * (1 - bothRightShare)) / bothRightShare + 1e-9);
  return keepSome(selected, ({ bothRight }) => !bothRight, most, random);
}

/** The greatest cap a kind under which no kind has more than `share` of the pairs. Throws "share-unreachable" when there are too few kinds. */
function balanceKinds(selected: Proposal[], share: number, random: Random): Proposal[] {
  if (share >= 1 || selected.length === 0) return selected;
  const counts = new Map<string, number>();
  for (const { kind } of selected) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const sizes = [...counts.values()];
  let cap = Math.max(...sizes);
  while (cap > 0 && cap > share * sizes.reduce((sum, size) => sum + Math.min(size, cap), 0) + 1e-9) cap -= 1;
  if (cap === 0)
    throw new PreferenceError(
      "share-unreachable",
      `the pairs are of ${sizes.length} kinds, of which none may have more than ${share} of all: make more kinds of negatives, or raise kindShare`,
    );
  return [...counts.keys()].reduce(
    (list, kind) => keepSome(list, (proposal) => proposal.kind === kind, cap, random),
    selected,
  );
}

/** The limit keeps the share of both sorts, rounded in favour of both right. */
function limit(selected: Proposal[], settings: PairSettings, random: Random): Proposal[] {
  const most = settings.limit ?? selected.length;
  if (selected.length <= most) return selected;
  const both = selected.filter(({ bothRight }) => bothRight).length;
  const keepBoth = Math.min(both, Math.ceil((both / selected.length) * most));
  const some = keepSome(selected, ({ bothRight }) => bothRight, keepBoth, random);
  return keepSome(some, ({ bothRight }) => !bothRight, most - keepBoth, random);
}

/** All that do not match, and `most` of those that do, by chance; order stays. */
function keepSome(
  list: Proposal[],
  matches: (proposal: Proposal) => boolean,
  most: number,
  random: Random,
): Proposal[] {
  const matching = list.filter(matches);
  if (matching.length <= most) return list;
  const kept = new Set(random.shuffled(sorted(matching)).slice(0, most));
  return list.filter((proposal) => !matches(proposal) || kept.has(proposal));
}

/** An order that does not depend on how the candidates came. */
function sorted(list: readonly Proposal[]): Proposal[] {
  const key = ({ questionId, chosen, rejected }: Proposal) => `${questionId}\n${chosen}\n${rejected}`;
  return [...list].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}
