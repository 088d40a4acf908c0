import type { ImageCondition } from "@mede2/schemas";
import { EvaluationError } from "../evaluation-error.ts";
import type { ClusterSetting } from "../grading/score-of.ts";
import { conditionScores, type Scored, scoresOf } from "./evaluation-scores.ts";

/** One question's values on two sides; with several samples the means over them. */
export interface PairedUnit {
  questionId: string;
  cluster: string;
  a: number;
  b: number;
}

/** Units that may be compared, and how many questions could not be paired. */
export interface PairedUnits {
  units: PairedUnit[];
  /** Questions that only one side has, or that are excluded on a side. */
  unpaired: number;
}

export interface PairingSettings {
  /** Condition of the records that count; default "real". */
  images?: ImageCondition;
  cluster?: ClusterSetting;
}

/** The questions that both sides have, in the order of the first. Throws an EvaluationError when there are none. */
export function pairScores(
  a: ReadonlyMap<string, { score: number; cluster: string }>,
  b: ReadonlyMap<string, { score: number }>,
  what: string,
): PairedUnits {
  const units: PairedUnit[] = [];
  for (const [questionId, { score, cluster }] of a) {
    const other = b.get(questionId);
    if (other !== undefined) units.push({ questionId, cluster, a: score, b: other.score });
  }
  if (units.length === 0)
    throw new EvaluationError("nothing-to-compare", `${what}: no question has a score on both sides`);
  return { units, unpaired: new Set([...a.keys(), ...b.keys()]).size - units.length };
}

/** Two models on the same questions under one condition: `b` against `a`. */
export function accuracyUnits(
  recordsA: Scored,
  recordsB: Scored,
  { images = "real", cluster = "auto" }: PairingSettings = {},
): PairedUnits {
  const a = conditionScores(scoresOf(recordsA, cluster), images);
  const b = conditionScores(scoresOf(recordsB, cluster), images);
  const paired = pairScores(a.scores, b.scores, `comparison with ${images} images`);
  const lost = [...new Set([...a.excluded, ...b.excluded])].filter(
    (id) => !a.scores.has(id) && !b.scores.has(id),
  );
  return { ...paired, unpaired: paired.unpaired + lost.length };
}

export interface RelianceSettings {
  /** What stands in for the real image; default "swapped". */
  against?: ImageCondition;
  cluster?: ClusterSetting;
}

/** One model with real images (`b`) and without them (`a`). */
export function relianceUnits(
  records: Scored,
  { against = "swapped", cluster = "auto" }: RelianceSettings = {},
): PairedUnits {
  const all = scoresOf(records, cluster);
  return pairScores(
    conditionScores(all, against).scores,
    conditionScores(all, "real").scores,
    `reliance on the image (real against ${against})`,
  );
}

/** The reliance of two models on the same questions: `b` against `a`, each real minus counterfactual. */
export function relianceDifferenceUnits(
  recordsA: Scored,
  recordsB: Scored,
  settings: RelianceSettings = {},
): PairedUnits {
  const [a, b] = [relianceUnits(recordsA, settings), relianceUnits(recordsB, settings)].map(
    ({ units }) =>
      new Map(units.map(({ questionId, cluster, a, b }) => [questionId, { score: b - a, cluster }])),
  );
  return pairScores(a!, b!, "difference of reliance");
}
