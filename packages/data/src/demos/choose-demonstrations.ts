import { columnOf } from "../curate/column.ts";
import { selectBalanced } from "../curate/select-balanced.ts";
import { hash53 } from "../text/hash.ts";
import { shingles } from "../text/n-grams.ts";
import { similarTexts } from "../text/similar-texts.ts";
import { wordsOf } from "../text/words.ts";
import type { ChainTally, PassedChain } from "./make-demonstrations.ts";

export interface ChoiceSettings {
  count: number;
  seed: number;
  /** Chains of one case at most. */
  perCase: number;
  /** Chains with a Jaccard index of three-word sequences of this or more are one. */
  similarity: number;
}

/** Length classes, each with as many chains as the others. */
const LENGTHS = 4;

export const chainWords = ({ trace }: PassedChain): number =>
  (trace.reasoning?.quote ?? trace.text).match(/\S+/g)?.length ?? 0;
export const specialtyOf = ({ question }: PassedChain): string => question.tags.specialty ?? "not stated";

/** The length class of each chain, from 0 (short): quartiles over these chains. */
export function lengthClasses(chains: readonly PassedChain[]): number[] {
  const lengths = chains.map(chainWords);
  const sorted = [...lengths].sort((a, b) => a - b);
  const bounds = Array.from(
    { length: LENGTHS - 1 },
    (_, at) => sorted[Math.floor(((at + 1) * sorted.length) / LENGTHS)]!,
  );
  return lengths.map((length) => bounds.filter((bound) => length >= bound).length);
}

/** Takes out chains that say nearly the same as an earlier one, and chains of a case beyond `perCase`; which come first is drawn by seed. The rest keeps its order. */
export function diverse(
  chains: readonly PassedChain[],
  settings: ChoiceSettings,
  tally: ChainTally,
): PassedChain[] {
  const order = chains
    .map((chain, at) => ({ chain, at, rank: hash53(chain.trace.id, settings.seed) }))
    .sort((a, b) => a.rank - b.rank || a.at - b.at);
  const texts = similarTexts(settings.similarity);
  const ofCase = new Map<string, number>();
  const kept: { chain: PassedChain; at: number }[] = [];
  for (const { chain, at } of order) {
    const { id } = chain.question;
    tally.enter("diversity");
    const before = ofCase.get(id) ?? 0;
    const list = shingles(wordsOf(chain.trace.reasoning?.quote ?? chain.trace.text));
    const like = texts.find(list, 0);
    if (before >= settings.perCase)
      tally.drop("diversity", "case-has-enough", `the case has ${before} chains`, id);
    else if (like !== undefined)
      tally.drop(
        "diversity",
        "near-duplicate-chain",
        `a Jaccard index of ${like.similarity.toFixed(2)} with another chain`,
        id,
      );
    else {
      texts.add(list, 0);
      ofCase.set(id, before + 1);
      kept.push({ chain, at });
    }
  }
  return kept.sort((a, b) => a.at - b.at).map(({ chain }) => chain);
}

/** As many as are wanted, or fewer where there are no more, even by specialty and length. */
export function chooseChains(
  chains: readonly PassedChain[],
  { count, seed }: ChoiceSettings,
  tally: ChainTally,
): PassedChain[] {
  const specialties = [...new Set(chains.map(specialtyOf))].sort();
  const chosen = new Set(
    selectBalanced(
      {
        axes: [
          columnOf(chains.map((chain) => specialties.indexOf(specialtyOf(chain)))),
          columnOf(lengthClasses(chains)),
        ],
        ranks: columnOf(chains.map(({ trace }) => hash53(trace.id, seed))),
        caps: [],
      },
      count,
    ),
  );
  return chains.filter(({ question }, at) => {
    tally.enter("selection");
    if (chosen.has(at)) return true;
    tally.drop("selection", "not-selected", "enough others of its specialty and length", question.id);
    return false;
  });
}
