import type { EvaluationRecord, ImageCondition } from "@mede2/schemas";
import { EvaluationError } from "../evaluation-error.ts";
import { type ClusterSetting, clusterOf, scoreOf } from "../grading/score-of.ts";

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

/** Scores by question of one condition. */
export interface QuestionScores {
  scores: Map<string, { score: number; cluster: string }>;
  /** Questions without a score, as every sample is excluded. */
  excluded: Set<string>;
}

/** Means over samples by question. Throws an EvaluationError when the records are of several models, tasks or protocols. */
export function questionScores(
  records: Iterable<EvaluationRecord>,
  images: ImageCondition,
  cluster: ClusterSetting,
): QuestionScores {
  const sums = new Map<string, { sum: number; samples: number; cluster: string }>();
  const excluded = new Set<string>();
  const samples = new Set<string>();
  let kind: string | undefined;
  for (const record of records) {
    if (record.images !== images) continue;
    const own = JSON.stringify([
      record.model.name,
      record.model.checkpoint,
      record.stage,
      record.task,
      record.protocol,
    ]);
    kind ??= own;
    const place = `${record.questionId}\n${record.sample}`;
    if (own !== kind || samples.has(place))
      throw new EvaluationError(
        "mixed-records",
        own === kind
          ? `${record.questionId} has two records of sample ${record.sample}: give the records of one evaluation`
          : `the records are of several evaluations (${kind} and ${own}): give those of one`,
      );
    samples.add(place);
    const score = scoreOf(record);
    const known = sums.get(record.questionId);
    if (score === null) excluded.add(record.questionId);
    else if (known === undefined)
      sums.set(record.questionId, { sum: score, samples: 1, cluster: clusterOf(record, cluster) });
    else [known.sum, known.samples] = [known.sum + score, known.samples + 1];
  }
  const scores = new Map(
    [...sums].map(([id, { sum, samples, cluster }]) => [id, { score: sum / samples, cluster }]),
  );
  return { scores, excluded: new Set([...excluded].filter((id) => !scores.has(id))) };
}

/** The questions that both sides have, in the order of the first. Throws an EvaluationError when there are none. */
export function pairScores(
  a: QuestionScores["scores"],
  b: QuestionScores["scores"],
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
  recordsA: Iterable<EvaluationRecord>,
  recordsB: Iterable<EvaluationRecord>,
  { images = "real", cluster = "auto" }: PairingSettings = {},
): PairedUnits {
  const a = questionScores(recordsA, images, cluster);
  const b = questionScores(recordsB, images, cluster);
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
  records: Iterable<EvaluationRecord>,
  { against = "swapped", cluster = "auto" }: RelianceSettings = {},
): PairedUnits {
  const all = [...records];
  return pairScores(
    questionScores(all, against, cluster).scores,
    questionScores(all, "real", cluster).scores,
    `reliance on the image (real against ${against})`,
  );
}

/** The reliance of two models on the same questions: `b` against `a`, each real minus counterfactual. */
export function relianceDifferenceUnits(
  recordsA: Iterable<EvaluationRecord>,
  recordsB: Iterable<EvaluationRecord>,
  settings: RelianceSettings = {},
): PairedUnits {
  const [a, b] = [relianceUnits(recordsA, settings), relianceUnits(recordsB, settings)].map(
    ({ units }) =>
      new Map(units.map(({ questionId, cluster, a, b }) => [questionId, { score: b - a, cluster }])),
  );
  return pairScores(a!, b!, "difference of reliance");
}
