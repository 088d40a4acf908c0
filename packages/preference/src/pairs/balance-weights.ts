import type { PairSettings } from "./pair-settings.ts";
import type { Proposal } from "./propose-pairs.ts";

/**
 * The weight of each pair, 1 on average: by margin or equal, and then, for `balance: "answer"`, so that the pairs of every right answer weigh the same in all. A model that
 * gives one answer far more often leaves hardly any chosen side with the other, and would learn from its pairs to give that one answer more often still.
 */
export function balanceWeights(
  proposals: readonly Proposal[],
  { weight, outcomeOnly, balance }: Pick<PairSettings, "weight" | "outcomeOnly" | "balance">,
): (proposal: Proposal) => number {
  const meanMargin =
    proposals.reduce((sum, { margin }) => sum + Math.abs(margin), 0) / Math.max(1, proposals.length);
  const byMargin = weight === "margin" && !outcomeOnly && meanMargin > 0;
  const plain = ({ margin }: Proposal) => (byMargin ? Math.abs(margin) / meanMargin : 1);
  if (balance === "none") return plain;
  const sums = new Map<string, number>();
  for (const proposal of proposals)
    sums.set(proposal.answer, (sums.get(proposal.answer) ?? 0) + plain(proposal));
  const share = proposals.length / Math.max(1, sums.size);
  return (proposal) => {
    const sum = sums.get(proposal.answer) ?? 0;
    return sum === 0 ? plain(proposal) : (plain(proposal) * share) / sum;
  };
}
