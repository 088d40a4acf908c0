import type { ImageCondition } from "@mede2/schemas";
import { wilson } from "@mede2/stats";
import { type BootstrapSettings, type Difference, differenceOf, reliance } from "../comparing/compare.ts";
import {
  conditionScores,
  type EvaluationScores,
  type Scored,
  scoresOf,
} from "../comparing/evaluation-scores.ts";
import { type PairedUnits, pairScores } from "../comparing/paired-units.ts";
import { clusteredRate } from "../grading/clustered-rate.ts";
import type { ClusterSetting } from "../grading/score-of.ts";

/** A share over questions with its 95 % interval, by clusters where questions share one. */
export interface AuditShare {
  value: number;
  low: number | null;
  high: number | null;
  n: number;
}

/** How much a model's answers rest on the image. Conditions that the evaluation does not have are left out. */
export interface ImageAudit {
  name: string;
  accuracy: Partial<Record<ImageCondition, AuditShare>>;
  /** Accuracy with the real image minus that without it, on the same questions. Negative: better with the wrong image. */
  reliance: Partial<Record<ImageCondition, Difference>>;
  /** Share of questions whose answer is another one without the real image. */
  sensitivity: Partial<Record<ImageCondition, AuditShare>>;
  /** What the traces claim to see; null when nobody looked for claims, or no image was replaced. */
  claims: {
    /** Traces with the real image that assert a visual finding. */
    asserted: AuditShare;
    /** Traces that do and whose answer stays the same whatever image stands there, of all traces, and of those that assert. */
    ungrounded: AuditShare;
    ungroundedOfAsserted: AuditShare | null;
    /** Conditions under which the answer stayed the same. */
    against: ImageCondition[];
  } | null;
}

export interface AuditSettings extends BootstrapSettings {
  cluster?: ClusterSetting;
  /** Whether the answer to a question (real image, first sample) asserts a visual finding; undefined where that is not known. */
  asserts?: (questionId: string) => boolean | undefined;
}

/**
 * The image-dependence audit. Reliance and sensitivity are our operational reading of arXiv 2603.03437, of which the abstract alone was at hand (visual reliance, image sensitivity,
 * hallucinated visual claims), so they carry names of our own. With several samples sensitivity compares samples of the same number; what changes by drawing alone counts too.
 */
export function imageAudit(records: Scored, settings: AuditSettings = {}): ImageAudit {
  const { cluster = "auto", asserts, ...bootstrap } = settings;
  const all = scoresOf(records, cluster);
  const others = counterfactuals.filter((images) => conditionScores(all, images).scores.size > 0);
  const each = <T>(make: (images: ImageCondition) => T): Partial<Record<ImageCondition, T>> =>
    Object.fromEntries(others.map((images) => [images, make(images)])) as Partial<Record<ImageCondition, T>>;
  const accuracy: ImageAudit["accuracy"] = {};
  for (const [images, { scores }] of all.conditions)
    if (scores.size > 0)
      accuracy[images] = shareOf(
        [...scores.values()].map(({ score, cluster: own }) => ({ value: score, cluster: own })),
      );
  return {
    name: all.name,
    accuracy,
    reliance: each((against) => reliance(all, { against, ...bootstrap })),
    sensitivity: each((against) =>
      shareOf(
        sensitivityUnits(all, against).map(({ changed, cluster: own }) => ({ value: changed, cluster: own })),
      ),
    ),
    claims: asserts === undefined ? null : claimsOf(all, others, asserts),
  };
}

const counterfactuals: readonly ImageCondition[] = ["none", "blank", "swapped", "noise", "options-only"];

/** For each question that both have: the share of its samples whose answer differs. */
export function sensitivityUnits(
  all: EvaluationScores,
  against: ImageCondition,
): { questionId: string; changed: number; cluster: string }[] {
  const other = conditionScores(all, against).scores;
  return [...conditionScores(all, "real").scores].flatMap(([questionId, { said, cluster }]) => {
    const there = other.get(questionId)?.said;
    const both =
      there === undefined
        ? []
        : said.flatMap((answer, at) => (there[at] === undefined ? [] : [answer !== there[at]]));
    return both.length === 0
      ? []
      : [{ questionId, changed: both.filter(Boolean).length / both.length, cluster }];
  });
}

/** How much more the second model's answers change with the image than the first one's, question by question. */
export function sensitivityDifference(
  recordsA: Scored,
  recordsB: Scored,
  {
    against = "swapped",
    cluster = "auto",
    from,
    to,
    ...bootstrap
  }: BootstrapSettings & {
    against?: ImageCondition;
    cluster?: ClusterSetting;
    from?: string;
    to?: string;
  } = {},
): Difference {
  const sides = [scoresOf(recordsA, cluster), scoresOf(recordsB, cluster)] as const;
  const [a, b] = sides.map(
    (side) =>
      new Map(
        sensitivityUnits(side, against).map(({ questionId, changed, cluster: own }) => [
          questionId,
          { score: changed, cluster: own },
        ]),
      ),
  );
  const units: PairedUnits = pairScores(a!, b!, `sensitivity to the image (real against ${against})`);
  return differenceOf(units, { from: from ?? sides[0].name, to: to ?? sides[1].name, ...bootstrap });
}

function claimsOf(
  all: EvaluationScores,
  others: readonly ImageCondition[],
  asserts: NonNullable<AuditSettings["asserts"]>,
): ImageAudit["claims"] {
  // with the options alone the question is another one
  const against = others.filter((images) => images !== "options-only");
  if (against.length === 0) return null;
  const rows = [...conditionScores(all, "real").scores].flatMap(([questionId, { said, cluster }]) => {
    const asserted = asserts(questionId);
    const there = against.map((images) => conditionScores(all, images).scores.get(questionId)?.said[0]);
    if (asserted === undefined || said[0] === undefined || there.some((answer) => answer === undefined))
      return [];
    const invariant = there.every((answer) => answer === said[0]);
    return [{ asserted, invariant, cluster }];
  });
  if (rows.length === 0) return null;
  const asserting = rows.filter(({ asserted }) => asserted);
  const share = (list: typeof rows, holds: (row: (typeof rows)[number]) => boolean) =>
    shareOf(list.map((row) => ({ value: Number(holds(row)), cluster: row.cluster })));
  return {
    asserted: share(rows, ({ asserted }) => asserted),
    ungrounded: share(rows, ({ asserted, invariant }) => asserted && invariant),
    ungroundedOfAsserted: asserting.length === 0 ? null : share(asserting, ({ invariant }) => invariant),
    against,
  };
}

/** Questions that at least so many blind evaluations answer right: what is left needs the image. */
export function blindSolvable(
  evaluations: readonly Scored[],
  {
    atLeast = 2,
    conditions = ["none", "options-only"],
  }: { atLeast?: number; conditions?: readonly ImageCondition[] } = {},
): Set<string> {
  const counts = new Map<string, number>();
  for (const evaluation of evaluations) {
    const all = scoresOf(evaluation, "auto");
    for (const images of conditions)
      for (const [id, { score }] of conditionScores(all, images).scores)
        if (score > 0.5) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return new Set([...counts].filter(([, count]) => count >= atLeast).map(([id]) => id));
}

export function shareOf(rows: readonly { value: number; cluster: string }[]): AuditShare {
  const n = rows.length;
  const values = rows.map(({ value }) => value);
  const sum = values.reduce((total, value) => total + value, 0);
  const clusters = rows.map(({ cluster }) => cluster);
  const count = new Set(clusters).size;
  if (count === n && values.every((value) => value === 0 || value === 1)) return { ...wilson(sum, n), n };
  if (count < 2) return { value: sum / n, low: null, high: null, n };
  return { value: sum / n, ...clusteredRate(values, clusters), n };
}
