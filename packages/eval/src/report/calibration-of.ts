import type { ImageCondition, Trace } from "@mede2/schemas";
import { type CalibrationBin, type CoveragePoint, riskCoverage } from "@mede2/stats";
import type { OptionCalibration } from "../calibration/option-calibration.ts";
import { addVote, calibrateVotes, type QuestionVotes } from "../calibration/vote-calibration.ts";
import type { ScaledQuestion } from "../scale/scaled-question.ts";

/** How far a model's confidence tells whether it is right. */
export interface Calibration {
  /**
   * Share of the samples that gave the most frequent answer; the likeliest option's probability; or the mean probability of a written token, which ranks answers and is no
   * chance of being right.
   */
  confidence: "vote-share" | "option-probability" | "token-probability";
  images: ImageCondition;
  n: number;
  /** Samples of each question. */
  samples: number;
  /** Not of token probabilities. */
  brier: number | null;
  ece: { value: number; low: number; high: number } | null;
  bins: CalibrationBin[];
  /** Error rate of the most confident share of answers. */
  aurc: number;
  /** Area above that of the best possible ranking. */
  excess: number;
  coverage: CoveragePoint[];
}

/** With two or more samples a question: is the most frequent answer right as often as the share of samples says? Null for fewer than 10 questions. */
export function votedCalibration(
  questions: readonly ScaledQuestion[],
  { images = "real", seed = 0 }: { images?: ImageCondition; seed?: number | string } = {},
): Calibration | null {
  const counted = questions
    .filter(({ answers }) => answers.length > 1)
    .map(({ answers }): QuestionVotes => {
      const votes = new Map<string, { count: number; right: number }>();
      for (const { said, score } of answers) if (said !== null) addVote(votes, said, score);
      return { samples: answers.length, votes };
    });
  const found = counted.length < 10 ? null : calibrateVotes(counted, { seed });
  if (found === null) return null;
  const { n, samples, aurc, excess, points, bins, ece } = found;
  return {
    ...{ confidence: "vote-share", images, n, samples: samples[1], brier: found.brier },
    ece: { value: ece.value, low: ece.low, high: ece.high },
    ...{ bins, aurc, excess, coverage: thinned(points) },
  };
}

/** What `mede2 eval calibrate` wrote, drawn like the others. */
export function optionsCalibration(found: OptionCalibration): Calibration {
  const { n, aurc, excess, points, bins, ece } = found;
  return {
    ...{ confidence: "option-probability", images: "real", n, samples: 1, brier: found.brier },
    ece: { value: ece.value, low: ece.low, high: ece.high },
    ...{ bins, aurc, excess, coverage: thinned(points) },
  };
}

/** With one answer a question whose probability is known: do surer answers err less? */
export function tokenCalibration(
  answers: readonly { trace: Pick<Trace, "logProb" | "tokens">; right: number }[],
  images: ImageCondition = "real",
): Calibration | null {
  const rows = answers.flatMap(({ trace: { logProb, tokens }, right }) =>
    logProb === undefined || tokens.completion === 0
      ? []
      : [{ sure: Math.exp(logProb / tokens.completion), right }],
  );
  if (rows.length < 10) return null;
  const { aurc, excess, points } = riskCoverage(
    rows.map(({ sure }) => sure),
    rows.map(({ right }) => right),
  );
  return {
    ...{ confidence: "token-probability", images, n: rows.length, samples: 1 },
    ...{ brier: null, ece: null, bins: [], aurc, excess, coverage: thinned(points) },
  };
}

/** A curve has a point for each confidence; a hundred of them draw it. */
function thinned(points: readonly CoveragePoint[]): CoveragePoint[] {
  const step = Math.max(1, Math.ceil(points.length / 100));
  return points.filter((_, at) => at % step === 0 || at === points.length - 1);
}
