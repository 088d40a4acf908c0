import type { EvaluationRecord } from "@mede2/schemas";
import {
  brier,
  type CalibrationBin,
  type CoveragePoint,
  ece,
  eceInterval,
  type Interval,
  riskCoverage,
} from "@mede2/stats";
import { scoreOf } from "../grading/score-of.ts";

/** How well the share of votes for the most frequent answer tells whether it is right. */
export interface VoteCalibration {
  n: number;
  /** Fewest and most samples of a question. */
  samples: [number, number];
  /** Share of questions whose most frequent answer is right; of several equally frequent ones each counts for its part. */
  accuracy: number;
  /** Questions with several most frequent answers. */
  ties: number;
  brier: number;
  ece: Interval;
  bins: CalibrationBin[];
  aurc: number;
  /** AURC over that of the best ranking. */
  excess: number;
  points: CoveragePoint[];
  /** Questions without an answer that was found in any sample; they count as wrong, with confidence 0. */
  silent: number;
}

/** How often each answer to a question was given, by its words, and how much of that was right. */
export interface QuestionVotes {
  samples: number;
  votes: ReadonlyMap<string, { count: number; right: number }>;
}

export interface VoteSettings {
  bins?: number;
  resamples?: number;
  seed?: number | string;
}

/**
 * Calibration of self-consistency: confidence is the share of all samples that gave the most frequent answer (what was not found votes for nothing). Answers are told apart by their words. Records are
 * of one model under one condition, several samples a question; null where there are fewer than two samples, or no question.
 */
export function voteCalibration(
  records: Iterable<EvaluationRecord>,
  settings: VoteSettings = {},
): VoteCalibration | null {
  const questions = new Map<
    string,
    { samples: number; votes: Map<string, { count: number; right: number }> }
  >();
  for (const record of records) {
    const score = scoreOf(record);
    if (score === null) continue;
    const known = questions.get(record.questionId) ?? { samples: 0, votes: new Map() };
    questions.set(record.questionId, known);
    known.samples += 1;
    const { status, text, labels } = record.answer;
    if (status === "found") addVote(known.votes, text?.trim().toLowerCase() ?? labels?.join() ?? "", score);
  }
  return calibrateVotes([...questions.values()], settings);
}

export function addVote(
  votes: Map<string, { count: number; right: number }>,
  said: string,
  score: number,
): void {
  const vote = votes.get(said) ?? { count: 0, right: 0 };
  votes.set(said, vote);
  vote.count += 1;
  vote.right += score;
}

/** The same from votes that were counted elsewhere. */
export function calibrateVotes(
  questions: readonly QuestionVotes[],
  { bins = 10, resamples = 1_000, seed = 0 }: VoteSettings = {},
): VoteCalibration | null {
  const sizes = questions.map(({ samples }) => samples);
  if (sizes.length === 0 || range(sizes)[1] < 2) return null;
  const [confidences, outcomes]: [number[], number[]] = [[], []];
  let [ties, silent] = [0, 0];
  for (const { samples, votes } of questions) {
    let most = 0;
    for (const { count } of votes.values()) most = Math.max(most, count);
    const first = [...votes.values()].filter(({ count }) => count === most);
    if (first.length === 0) silent += 1;
    if (first.length > 1) ties += 1;
    confidences.push(most / samples);
    // equal answers are right or wrong alike, so a mean of their own score says which
    outcomes.push(
      first.length === 0 ? 0 : first.reduce((sum, { count, right }) => sum + right / count, 0) / first.length,
    );
  }
  const { points, aurc, excess } = riskCoverage(confidences, outcomes);
  return {
    n: outcomes.length,
    samples: range(sizes),
    accuracy: outcomes.reduce((sum, one) => sum + one, 0) / outcomes.length,
    ties,
    brier: brier(confidences, outcomes),
    ece: eceInterval(confidences, outcomes, { bins, resamples, seed }),
    bins: ece(confidences, outcomes, bins).bins,
    aurc,
    excess,
    points,
    silent,
  };
}

function range(values: readonly number[]): [number, number] {
  return values.reduce<[number, number]>(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Number.POSITIVE_INFINITY, 0],
  );
}
