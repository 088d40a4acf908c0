import type { LogProbModel } from "@mede2/llm";
import { optionIndex, type Question, type Trace } from "@mede2/schemas";
import {
  brier,
  type CalibrationBin,
  type CoveragePoint,
  ece,
  eceInterval,
  type Interval,
  riskCoverage,
} from "@mede2/stats";
import { shareOf } from "../auditing/image-audit.ts";
import type { Protocol } from "../protocols/protocol.ts";
import { isForceable, optionRequests } from "../scale/forced-answers.ts";

/** How well the probability of the likeliest option tells whether it is right. */
export interface OptionCalibration {
  n: number;
  /** Share of questions whose likeliest option is right, with its 95 % interval by clusters. */
  accuracy: number;
  low: number | null;
  high: number | null;
  /** Mean probability of the likeliest option. */
  confidence: number;
  /** Of the likeliest option, and over all options (Brier 1950: the sum over options, 0 to 2). */
  brier: number;
  brierOptions: number;
  ece: Interval;
  bins: CalibrationBin[];
  aurc: number;
  /** AURC over that of the best ranking. */
  excess: number;
  points: CoveragePoint[];
}

export interface OptionCalibrationSettings {
  model: LogProbModel;
  /** As the answers were asked for. */
  protocol: Protocol;
  bins?: number;
  resamples?: number;
  seed?: number | string;
  /** Questions of one call of the model; default 16. */
  chunk?: number;
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

/**
 * Calibration by the options' probabilities, and accuracy as harnesses have it that ask for no text (lm-evaluation-harness's multiple choice): each option is written as `\boxed{…}` behind the thinking that the model did itself (where it did none, at once), and their log-probabilities are normalised over the
 * options (softmax). What is judged is the likeliest option, not the answer that was given. Questions without options, or with several right ones, are not for this: hand them not in (`isForceable`). Null for
 * no question.
 */
export async function optionCalibration(
  items: readonly { question: Question; trace: Trace; cluster?: string }[],
  settings: OptionCalibrationSettings,
): Promise<OptionCalibration | null> {
  const {
    model,
    protocol,
    chunk = 16,
    bins = 10,
    resamples = 1_000,
    seed = 0,
    onProgress,
    signal,
  } = settings;
  const usable = items.filter(({ question }) => isForceable(question));
  if (usable.length === 0) return null;
  const [confidences, outcomes]: [number[], number[]] = [[], []];
  let overOptions = 0;
  for (let from = 0; from < usable.length; from += chunk) {
    signal?.throwIfAborted();
    const part = usable.slice(from, from + chunk).map(({ question, trace }) => ({
      question,
      requests: optionRequests(question, trace.reasoning?.quote ?? null, protocol),
    }));
    const replies = await model.logProbs(
      part.flatMap(({ requests }) => requests),
      signal === undefined ? {} : { signal },
    );
    let at = 0;
    for (const { question, requests } of part) {
      const shares = softmax(replies.slice(at, at + requests.length).map(({ logProb }) => logProb));
      at += requests.length;
      const right = optionIndex((question.gold as { labels: string[] }).labels[0]!, shares.length);
      const best = shares.indexOf(Math.max(...shares));
      confidences.push(shares[best]!);
      outcomes.push(Number(best === right));
      overOptions += shares.reduce((sum, share, option) => sum + (share - Number(option === right)) ** 2, 0);
    }
    onProgress?.(Math.min(from + chunk, usable.length), usable.length);
  }
  const { points, aurc, excess } = riskCoverage(confidences, outcomes);
  const right = shareOf(
    usable.map(({ question, cluster = question.id }, at) => ({ value: outcomes[at]!, cluster })),
  );
  return {
    n: usable.length,
    accuracy: right.value,
    low: right.low,
    high: right.high,
    confidence: mean(confidences),
    brier: brier(confidences, outcomes),
    brierOptions: overOptions / usable.length,
    ece: eceInterval(confidences, outcomes, { bins, resamples, seed }),
    bins: ece(confidences, outcomes, bins).bins,
    aurc,
    excess,
    points,
  };
}

function softmax(logProbs: readonly number[]): number[] {
  const most = Math.max(...logProbs);
  const weights = logProbs.map((logProb) => Math.exp(logProb - most));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
