import { clusteredInterval, type MeanInterval } from "./mean-interval.ts";
import { require } from "./stats-error.ts";

export type RepeatedSamples = MeanInterval & {
  n: number;
  /** Variance of the mean that comes from which questions were asked, and from drawing finitely many answers to each; they sum to the squared standard error of independent questions. */
  questionVariance: number;
  samplingVariance: number;
};

/**
 * Expected score over K answers to each question (Miller 2024, arXiv 2411.00640, §3): the mean of the questions' means. Questions are the units,
 * never answers: K answers to a question are no K questions. `samplingVariance` is Σ s²ᵢ/Kᵢ / n² (questions with one answer have no s² and are left out of it), what
 * more answers would take away at most. `clusters` as in `clusteredInterval`. Needs two questions.
 */
export function repeatedSamples(
  scores: readonly (readonly number[])[],
  clusters: readonly (string | number)[] | null = null,
  level = 0.95,
): RepeatedSamples {
  const n = scores.length;
  require(n >= 2, `an interval needs two questions, here are ${n}`, "STATS_NO_DATA");
  let sampling = 0;
  const means = scores.map((answers, question) => {
    require(answers.length >
      0, `question ${question} has no score: leave it out and report the count`, "STATS_NO_DATA");
    const mean = answers.reduce((sum, score) => sum + score, 0) / answers.length;
    require(Number.isFinite(mean), `question ${question} has a score that is not finite`);
    if (answers.length > 1)
      sampling +=
        answers.reduce((sum, score) => sum + (score - mean) ** 2, 0) / (answers.length - 1) / answers.length;
    return mean;
  });
  const total = clusteredInterval(means, null).standardError ** 2;
  const samplingVariance = Math.min(total, sampling / n ** 2);
  return {
    ...clusteredInterval(means, clusters, level),
    n,
    questionVariance: total - samplingVariance,
    samplingVariance,
  };
}
