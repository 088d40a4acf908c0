import type { ScaledAnswer } from "./scaled-question.ts";
import { choose } from "./subsets.ts";

/** What a rule that takes one of several answers is worth: its expected score when ties are broken by chance, and whether there was one. */
export interface Chosen {
  score: number;
  tied: boolean;
}

/**
 * The answer with most votes (self-consistency, Wang et al. 2023, arXiv 2203.11171), each vote counted `weight`. Votes are for answers, not for being right; answers that say
 * nothing don't vote, and where none votes the score is 0.
 */
export function vote(answers: readonly ScaledAnswer[], weight: (answer: ScaledAnswer) => number): Chosen {
  const groups = new Map<string, { weight: number; score: number; n: number }>();
  for (const answer of answers) {
    if (answer.said === null) continue;
    const known = groups.get(answer.said) ?? { weight: 0, score: 0, n: 0 };
    groups.set(answer.said, known);
    known.weight += weight(answer);
    known.score += answer.score;
    known.n += 1;
  }
  if (groups.size === 0) return { score: 0, tied: false };
  const most = Math.max(...[...groups.values()].map((group) => group.weight));
  const best = [...groups.values()].filter((group) => group.weight >= most - 1e-9);
  return { score: mean(best.map(({ score, n }) => score / n)), tied: best.length > 1 };
}

/** The answer with the best rating; answers without one come last. Equal answers of equal rating are no tie. */
export function bestOf(answers: readonly ScaledAnswer[]): Chosen {
  const key = ({ rating }: ScaledAnswer) => rating ?? Number.NEGATIVE_INFINITY;
  const most = Math.max(...answers.map(key));
  const best = answers.filter((answer) => key(answer) >= most - 1e-9);
  return {
    score: mean(best.map(({ score }) => score)),
    tied: new Set(best.map(({ said }) => said)).size > 1,
  };
}

/**
 * Chance that at least one of k answers is right, of n answers with c right: 1 − C(n−c, k) / C(n, k), without bias (Chen et al. 2021, arXiv 2107.03374, eq. 1).
 */
export function passAtK(n: number, c: number, k: number): number {
  let none = 1;
  for (let at = 0; at < k; at++) none *= (n - c - at) / (n - at);
  return n - c < k ? 1 : 1 - none;
}

/** Chance that all of k answers are right: C(c, k) / C(n, k) (Yao et al. 2024, arXiv 2406.12045, §4). */
export function passHatK(n: number, c: number, k: number): number {
  return choose(c, k) === 0
    ? 0
    : Array.from({ length: k }, (_, at) => (c - at) / (n - at)).reduce((a, b) => a * b, 1);
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
