import { shareOf } from "../auditing/image-audit.ts";
import { type BootstrapSettings, differenceOf } from "../comparing/compare.ts";

/**
 * How k answers become one: `mean` (one of them by chance), `vote`, `weighted` (votes weighted by rating), `best` (the best rated), and the bounds `pass@k` (any is right) and `pass^k` (all are
 * right). `budget` is another axis: one answer, taken as wrong unless it ends within k tokens; `forced` thinking that is ended at k tokens, see `forcedAnswers`.
 */
export type ScalingMethod = "mean" | "vote" | "weighted" | "best" | "pass@k" | "pass^k" | "budget" | "forced";

export interface ScalingPoint {
  method: ScalingMethod;
  /** Answers, or tokens for `budget`. */
  k: number;
  accuracy: number;
  low: number | null;
  high: number | null;
  /** Mean tokens written for one question. */
  tokens: number;
  /** Share of decisions that chance made between different answers that stood equal. */
  ties: number;
  /** Against one answer by chance, question by question (paired cluster bootstrap); null for that itself. */
  gain: { difference: number; low: number; high: number; p: number } | null;
}

/** A point from each question's score under a rule and its score with one answer. */
export function scalingPoint(
  one: readonly { questionId: string; cluster: string; score: number }[],
  scores: readonly number[],
  { method, k, tokens, ties }: Pick<ScalingPoint, "method" | "k" | "tokens" | "ties">,
  bootstrap: BootstrapSettings,
): ScalingPoint {
  const { value, low, high } = shareOf(one.map(({ cluster }, at) => ({ value: scores[at]!, cluster })));
  const units = one.map(({ questionId, cluster, score }, at) => ({
    questionId,
    cluster,
    a: score,
    b: scores[at]!,
  }));
  const same = method === "mean" || units.every(({ a, b }) => Math.abs(a - b) < 1e-12);
  const names = { from: "one answer", to: `${method} ${k}` };
  const gained = same ? null : differenceOf({ units, unpaired: 0 }, { ...names, ...bootstrap });
  const gain =
    gained === null
      ? null
      : { difference: gained.difference, low: gained.low, high: gained.high, p: gained.p };
  return { method, k, accuracy: value, low, high, tokens, ties, gain };
}
