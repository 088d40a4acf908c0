import type { ImageCondition } from "@mede2/schemas";
import { createRandom } from "@mede2/stats";
import { EvaluationError } from "../evaluation-error.ts";
import type { ClusterSetting } from "../grading/score-of.ts";
import { type BootstrapSettings, type Difference, differenceOf } from "./compare.ts";
import type { Scored } from "./evaluation-scores.ts";
import { accuracyUnits, type PairedUnits, relianceDifferenceUnits } from "./paired-units.ts";

/** Units of one training run, under the name of its seed and base. */
export interface NamedUnits extends PairedUnits {
  name: string;
}

export interface PoolSettings extends BootstrapSettings {
  /**
   * "shared": a question that several runs answered is drawn for all of them at once, as its difficulty is common to them; "within": each run's
   * questions are drawn apart, which takes runs as independent and gives too narrow an interval when they share questions.
   */
  questions?: "shared" | "within";
  /** "fixed": the interval speaks of these runs; "resampled": runs are drawn too, so that it speaks of runs like these. */
  runs?: "fixed" | "resampled";
}

export interface PooledDifference {
  difference: number;
  low: number;
  high: number;
  p: number;
  /** Each run alone. */
  runs: Difference[];
  /** Standard deviation between the runs' differences; null for one run. */
  betweenRuns: number | null;
  questions: "shared" | "within";
  resampled: boolean;
  resamples: number;
}

/** Two stages over several training seeds and bases: a pair of evaluations for each run. */
export interface ComparedRun {
  name: string;
  a: Scored;
  b: Scored;
}

/** The paired bootstrap over runs: the mean of the runs' differences in accuracy, or in reliance on the image, with its interval. */
export function poolComparisons(
  runs: readonly ComparedRun[],
  {
    measure = "accuracy",
    images = "real",
    against = "swapped",
    cluster = "auto",
    ...settings
  }: PoolSettings & {
    measure?: "accuracy" | "reliance";
    images?: ImageCondition;
    against?: ImageCondition;
    cluster?: ClusterSetting;
  } = {},
): PooledDifference {
  return poolUnits(
    runs.map(({ name, a, b }) => ({
      name,
      ...(measure === "accuracy"
        ? accuracyUnits(a, b, { images, cluster })
        : relianceDifferenceUnits(a, b, { against, cluster })),
    })),
    settings,
  );
}

/** The same over any units. Each run counts the same, whatever its number of questions. */
export function poolUnits(runs: readonly NamedUnits[], settings: PoolSettings = {}): PooledDifference {
  const {
    questions = "shared",
    runs: which = "fixed",
    resamples = 10_000,
    seed = 0,
    level = 0.95,
  } = settings;
  if (runs.length === 0) throw new EvaluationError("nothing-to-compare", "there are no runs to pool");
  const pools = poolsOf(runs, questions);
  const random = createRandom(seed);
  const draws = new Float64Array(resamples);
  let [notAbove, notBelow] = [0, 0];
  const sums = new Float64Array(runs.length);
  const sizes = new Float64Array(runs.length);
  for (let draw = 0; draw < resamples; draw++) {
    let value = Number.NaN;
    // a resample in which a run has no question is drawn again: it happens with a handful of clusters only
    while (Number.isNaN(value)) {
      drawClusters(pools, random.below, sums, sizes);
      value = meanOverRuns(sums, sizes, which === "resampled" ? random.below : null);
    }
    draws[draw] = value;
    if (value <= 1e-12) notAbove++;
    if (value >= -1e-12) notBelow++;
  }
  draws.sort();
  const each = runs.map((run) => differenceOf(run, { from: "a", to: run.name, resamples, seed, level }));
  const difference = each.reduce((sum, run) => sum + run.difference, 0) / runs.length;
  const squares = each.reduce((sum, run) => sum + (run.difference - difference) ** 2, 0);
  return {
    difference,
    low: quantile(draws, (1 - level) / 2),
    high: quantile(draws, (1 + level) / 2),
    p: Math.min(1, (2 * (Math.min(notAbove, notBelow) + 1)) / (resamples + 1)),
    runs: each,
    betweenRuns: runs.length < 2 ? null : Math.sqrt(squares / (runs.length - 1)),
    questions,
    resampled: which === "resampled",
    resamples,
  };
}

/** Clusters that are drawn together: for each, what it adds to the runs that have it. */
type Pool = { run: number; sum: number; size: number }[][];

function poolsOf(runs: readonly NamedUnits[], questions: "shared" | "within"): Pool[] {
  const clusters = new Map<string, Map<number, { run: number; sum: number; size: number }>>();
  for (const [run, { units }] of runs.entries())
    for (const { cluster, a, b } of units) {
      const key = questions === "shared" ? cluster : `${run}\n${cluster}`;
      const known = clusters.get(key) ?? new Map<number, { run: number; sum: number; size: number }>();
      clusters.set(key, known);
      const part = known.get(run) ?? { run, sum: 0, size: 0 };
      known.set(run, part);
      part.sum += b - a;
      part.size += 1;
    }
  const all = [...clusters].map(([key, parts]) => ({ key, parts: [...parts.values()] }));
  if (questions === "shared") return [all.map(({ parts }) => parts)];
  return runs.map((_, run) => all.filter(({ parts }) => parts[0]!.run === run).map(({ parts }) => parts));
}

function drawClusters(
  pools: readonly Pool[],
  below: (bound: number) => number,
  sums: Float64Array,
  sizes: Float64Array,
): void {
  sums.fill(0);
  sizes.fill(0);
  for (const pool of pools)
    for (let cluster = 0; cluster < pool.length; cluster++)
      for (const { run, sum, size } of pool[below(pool.length)]!) {
        sums[run]! += sum;
        sizes[run]! += size;
      }
}

function meanOverRuns(
  sums: Float64Array,
  sizes: Float64Array,
  below: ((bound: number) => number) | null,
): number {
  let total = 0;
  for (let at = 0; at < sums.length; at++) {
    const run = below === null ? at : below(sums.length);
    total += sums[run]! / sizes[run]!; // NaN without a question
  }
  return total / sums.length;
}

/** Type 7 of Hyndman & Fan 1996, as in @mede2/stats. */
function quantile(sorted: Float64Array, probability: number): number {
  const at = probability * (sorted.length - 1);
  const below = Math.floor(at);
  const value = sorted[below]!;
  return value + (at - below) * ((sorted[below + 1] ?? value) - value);
}
