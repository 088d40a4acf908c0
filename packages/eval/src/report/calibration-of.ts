import type { ImageCondition, Trace } from "@mede2/schemas";
import {
  brier,
  type CalibrationBin,
  type CoveragePoint,
  createRandom,
  ece,
  eceInterval,
  riskCoverage,
} from "@mede2/stats";
import type { ScaledQuestion } from "../scale/scaled-question.ts";

/** How far a model's confidence tells whether it is right. */
export interface Calibration {
  /** Share of the samples that gave the most frequent answer; or the mean probability of a written token, which ranks answers and is no chance of being right. */
  confidence: "vote-share" | "token-probability";
  images: ImageCondition;
  n: number;
  /** Samples of each question. */
  samples: number;
  /** Only of vote shares. */
  brier: number | null;
  ece: { value: number; low: number; high: number } | null;
  bins: CalibrationBin[];
  /** Error rate of the most confident share of answers. */
  aurc: number;
  /** Area above that of the best possible ranking. */
  excess: number;
  coverage: CoveragePoint[];
}

/** With two or more samples a question: is the most frequent answer right as often as the share of samples says? Ties are drawn by seed. */
export function voteCalibration(
  questions: readonly ScaledQuestion[],
  { images = "real", seed = 0 }: { images?: ImageCondition; seed?: number | string } = {},
): Calibration | null {
  const rows = questions.flatMap(({ questionId, answers }) => {
    if (answers.length < 2) return [];
    const votes = new Map<string, { n: number; score: number }>();
    for (const { said, score } of answers)
      if (said !== null) votes.set(said, { n: (votes.get(said)?.n ?? 0) + 1, score });
    if (votes.size === 0) return [{ share: 0, right: 0 }];
    const most = Math.max(...[...votes.values()].map(({ n }) => n));
    const best = [...votes.values()].filter(({ n }) => n === most);
    const { score } = best[createRandom(`${seed}/calibration/${questionId}`).below(best.length)]!;
    return [{ share: most / answers.length, right: score }];
  });
  if (rows.length < 10) return null;
  const shares = rows.map(({ share }) => share);
  const right = rows.map((row) => row.right);
  const samples = Math.max(...questions.map(({ answers }) => answers.length));
  const interval = eceInterval(shares, right, { resamples: 1000, seed });
  return {
    ...{ confidence: "vote-share", images, n: rows.length, samples },
    brier: brier(shares, right),
    ece: { value: interval.value, low: interval.low, high: interval.high },
    bins: ece(shares, right, 10).bins,
    ...ranking(shares, right),
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
  return {
    ...{
      confidence: "token-probability",
      images,
      n: rows.length,
      samples: 1,
      brier: null,
      ece: null,
      bins: [],
    },
    ...ranking(
      rows.map(({ sure }) => sure),
      rows.map(({ right }) => right),
    ),
  };
}

/** A curve has a point for each confidence; a hundred of them draw it. */
function ranking(confidences: readonly number[], right: readonly number[]) {
  const { aurc, excess, points } = riskCoverage(confidences, right);
  const step = Math.max(1, Math.ceil(points.length / 100));
  return { aurc, excess, coverage: points.filter((_, at) => at % step === 0 || at === points.length - 1) };
}
