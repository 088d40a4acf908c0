import type { WardDiagnosis } from "./diagnoses.ts";
import type { WardFactId } from "./facts.ts";
import { diagnosesOf, type WardCombinationSet } from "./held-out.ts";
import { type WardFactorId, wardFactors } from "./treatments.ts";

/**
 * What is drawn before the two tosses: two diagnoses of one fact with different groups, and two factors. The tosses then say which
 * diagnosis and which factor are real; everything else in the stem and the options depends on the situation alone, never on the tosses
 * (but for the factor's own words). So the stem leaves the finding at exactly one half, and the picture the factor.
 */
export interface WardSituation {
  readonly fact: WardFactId;
  readonly diagnoses: readonly [WardDiagnosis, WardDiagnosis];
  readonly factors: readonly [WardFactorId, WardFactorId];
  /** Probability; the situations of a set sum to 1. */
  readonly weight: number;
}

/**
 * All situations of a set. A fact is as likely as the square root of its number of findings; within a fact a pair weighs
 * 1/deg(a) + 1/deg(b), where deg is the number of pairs that a diagnosis is in. Both even out how often each diagnosis is real. The six
 * pairs of factors are equally likely.
 */
export function wardSituations(set: WardCombinationSet): WardSituation[] {
  const byFact = new Map<WardFactId, WardDiagnosis[]>();
  for (const diagnosis of diagnosesOf(set)) {
    const list = byFact.get(diagnosis.fact) ?? [];
    list.push(diagnosis);
    byFact.set(diagnosis.fact, list);
  }
  const situations: WardSituation[] = [];
  for (const [fact, diagnoses] of byFact) {
    const pairs = pairsOf(diagnoses).filter(([a, b]) => a.group !== b.group);
    const degree = new Map<WardDiagnosis, number>();
    for (const pair of pairs) for (const member of pair) degree.set(member, (degree.get(member) ?? 0) + 1);
    const factors = pairsOf(wardFactors.map((factor) => factor.id));
    for (const [a, b] of pairs)
      for (const two of factors)
        situations.push({
          fact,
          diagnoses: [a, b],
          factors: two,
          weight: (1 / degree.get(a)! + 1 / degree.get(b)!) / Math.sqrt(degree.size),
        });
  }
  const total = situations.reduce((sum, situation) => sum + situation.weight, 0);
  return situations.map((situation) => ({ ...situation, weight: situation.weight / total }));
}

function pairsOf<T>(list: readonly T[]): [T, T][] {
  return list.flatMap((a, index) => list.slice(index + 1).map((b): [T, T] => [a, b]));
}
