import { createRandom } from "@mede2/stats";
import type { BootstrapSettings } from "../comparing/compare.ts";
import { EvaluationError } from "../evaluation-error.ts";
import { bestOf, passAtK, passHatK, vote } from "./choose-answer.ts";
import type { ScaledAnswer, ScaledQuestion } from "./scaled-question.ts";
import { type ScalingMethod, type ScalingPoint, scalingPoint } from "./scaling-point.ts";
import { subsets } from "./subsets.ts";

export interface ScalingCurve {
  curve: ScalingPoint[];
  /** Questions that count, and those with fewer answers than the largest k. */
  n: number;
  left: number;
  /** Answers with a rating, of all answers that count. */
  rated: number;
  answers: number;
}

export interface ScalingSettings extends BootstrapSettings {
  /** Default 1, 2, 4, 8, 16, as far as there are answers. */
  k?: readonly number[];
  /** Tokens; default none. */
  budgets?: readonly number[];
  /** Subsets of answers that are tried for each question where there are more; default 1,000. */
  subsets?: number;
}

/**
 * What more answers to each question are worth. All points are over the same questions: those with as many answers as the largest k asks for. With n answers every subset of k is tried (or 1,000 drawn ones), so
 * that the order of sampling does not matter; questions are the units, never answers.
 */
export function scalingCurve(
  questions: readonly ScaledQuestion[],
  settings: ScalingSettings = {},
): ScalingCurve {
  const { seed = 0, budgets = [], subsets: most = 1000, ...bootstrap } = settings;
  const available = Math.max(0, ...questions.map(({ answers }) => answers.length));
  const ks = settings.k ?? [1, 2, 4, 8, 16].filter((k) => k <= available);
  const largest = Math.max(...ks);
  const used = questions.filter(({ answers }) => answers.length >= largest);
  if (ks.length === 0 || used.length === 0)
    throw new EvaluationError(
      "nothing-to-compare",
      `no question has ${ks.length === 0 ? "an answer" : `${largest} answers; the most is ${available}`}: ask for more (mede2 eval run --samples) or for a smaller k`,
    );
  const one = used.map(({ answers }) => average(answers.map(({ score }) => score)));
  const written = used.map(({ answers }) => average(answers.map(({ tokens }) => tokens)));

  const own = used.map(({ questionId, cluster }, at) => ({ questionId, cluster, score: one[at]! }));
  const point = (method: ScalingMethod, k: number, scores: readonly number[], tokens: number, ties: number) =>
    scalingPoint(own, scores, { method, k, tokens, ties }, { seed, ...bootstrap });
  const rated = used.some(({ answers }) => answers.some(({ rating }) => rating !== null));
  const curve = ks.flatMap((k) => {
    const tokens = k * average(written);
    const exact = (estimate: typeof passAtK) =>
      used.map(({ answers }) => expected(answers, (c) => estimate(answers.length, c, k)));
    const binary = used.every(({ answers }) => answers.every(({ score }) => score === 0 || score === 1));
    const chosen = decisions(used, k, most, `${seed}`);
    return [
      point("mean", k, one, average(written), 0),
      ...chosen
        .filter(({ method }) => rated || method === "vote")
        .map(({ method, scores, ties }) => point(method, k, scores, tokens, ties)),
      ...(binary
        ? [point("pass@k", k, exact(passAtK), tokens, 0), point("pass^k", k, exact(passHatK), tokens, 0)]
        : []),
    ];
  });
  const within = budgets.map((budget) =>
    point(
      "budget",
      budget,
      used.map(({ answers }) => average(answers.map(({ score, tokens }) => (tokens <= budget ? score : 0)))),
      average(used.map(({ answers }) => average(answers.map(({ tokens }) => Math.min(tokens, budget))))),
      0,
    ),
  );
  const all = used.flatMap(({ answers }) => answers);
  return {
    curve: [...curve, ...within],
    n: used.length,
    left: questions.length - used.length,
    rated: all.filter(({ rating }) => rating !== null).length,
    answers: all.length,
  };
}

const rules = {
  vote: (answers: readonly ScaledAnswer[]) => vote(answers, () => 1),
  weighted: (answers: readonly ScaledAnswer[]) => vote(answers, ({ rating }) => rating ?? 0),
  best: bestOf,
} as const;

/** Each rule's expected score of every question over its subsets of k answers, all rules on the same subsets. */
function decisions(used: readonly ScaledQuestion[], k: number, most: number, seed: string) {
  const names = Object.keys(rules) as (keyof typeof rules)[];
  const results = names.map((method) => ({ method, scores: [] as number[], ties: 0 }));
  for (const { questionId, answers } of used) {
    const picks = subsets(answers.length, k, createRandom(`${seed}/scale/${k}/${questionId}`), most);
    for (const result of results) {
      let [score, tied] = [0, 0];
      for (const pick of picks) {
        const chosen = rules[result.method](pick.map((at) => answers[at]!));
        score += chosen.score;
        tied += Number(chosen.tied);
      }
      result.scores.push(score / picks.length);
      result.ties += tied / picks.length / used.length;
    }
  }
  return results;
}

const expected = (answers: readonly ScaledAnswer[], estimate: (right: number) => number) =>
  estimate(answers.reduce((sum, { score }) => sum + score, 0));

const average = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
