import {
  clusteredInterval,
  holm,
  mcnemarExact,
  meanInterval,
  minimumDetectableDifference,
  type NonInferiority,
  nonInferiority,
  pairedClusterBootstrap,
} from "@mede2/stats";
import { type Scored, scoresOf } from "./evaluation-scores.ts";
import {
  accuracyUnits,
  type PairedUnit,
  type PairedUnits,
  type PairingSettings,
  type RelianceSettings,
  relianceDifferenceUnits,
  relianceUnits,
} from "./paired-units.ts";

export interface BootstrapSettings {
  /** Default 10,000. */
  resamples?: number;
  seed?: number | string;
  level?: number;
}

/** What going from one side to the other is worth. `difference` is the mean of b minus the mean of a, a fraction. */
export interface Difference {
  from: string;
  to: string;
  /** Means of both sides over the paired questions. */
  a: number;
  b: number;
  difference: number;
  low: number;
  high: number;
  /** Two-sided, of the same bootstrap. */
  p: number;
  n: number;
  clusters: number;
  unpaired: number;
  resamples: number;
}

export interface Comparison extends Difference {
  images: string;
  /** Questions that became right, and wrong (with several samples: better and worse). */
  won: number;
  lost: number;
  wonIds: string[];
  lostIds: string[];
  /** Exact test on won and lost; it takes questions as independent. Null with several samples. */
  mcnemar: { p: number; midP: number } | null;
  /** Smallest true difference that this many questions show with 80 % power at the discordance seen; null when none. */
  detectable: number | null;
  /** Where a margin was declared: whether `to` is no worse than `from` by more than it. */
  nonInferior?: { margin: number; verdict: NonInferiority };
}

/**
 * Two models on the same questions: paired cluster bootstrap, exact McNemar, questions won and lost, and what could have been detected. Takes
 * records, or the scores of a file (`readScores`), which need no memory for texts.
 */
export function compare(
  recordsA: Scored,
  recordsB: Scored,
  settings: PairingSettings & BootstrapSettings & { from?: string; to?: string; margin?: number } = {},
): Comparison {
  const { cluster = "auto", margin } = settings;
  const [a, b] = [scoresOf(recordsA, cluster), scoresOf(recordsB, cluster)];
  const paired = accuracyUnits(a, b, settings);
  const { units } = paired;
  const won = units.filter((unit) => unit.b > unit.a + 1e-12);
  const lost = units.filter((unit) => unit.b < unit.a - 1e-12);
  const single = units.every((unit) => isBinary(unit.a) && isBinary(unit.b));
  const discordance = (won.length + lost.length) / units.length;
  const difference = differenceOf(paired, {
    ...settings,
    from: settings.from ?? a.name,
    to: settings.to ?? b.name,
  });
  return {
    ...difference,
    images: settings.images ?? "real",
    won: won.length,
    lost: lost.length,
    wonIds: won.map(({ questionId }) => questionId),
    lostIds: lost.map(({ questionId }) => questionId),
    mcnemar: single ? mcnemarExact(lost.length, won.length) : null,
    detectable:
      discordance === 0 || !single
        ? null
        : minimumDetectableDifference(units.length, { discordance, designEffect: designEffect(units) }),
    ...(margin === undefined ? {} : { nonInferior: { margin, verdict: nonInferiority(difference, margin) } }),
  };
}

/** Accuracy with real images minus accuracy with swapped (or other) ones: how much a model's answers rest on the image. */
export function reliance(records: Scored, settings: RelianceSettings & BootstrapSettings = {}): Difference {
  return differenceOf(relianceUnits(records, settings), {
    ...settings,
    from: settings.against ?? "swapped",
    to: "real",
  });
}

/** How much more the second model relies on the image than the first, question by question. */
export function relianceDifference(
  recordsA: Scored,
  recordsB: Scored,
  settings: RelianceSettings & BootstrapSettings & { from?: string; to?: string } = {},
): Difference {
  const { cluster = "auto" } = settings;
  const [a, b] = [scoresOf(recordsA, cluster), scoresOf(recordsB, cluster)];
  return differenceOf(relianceDifferenceUnits(a, b, settings), {
    ...settings,
    from: settings.from ?? a.name,
    to: settings.to ?? b.name,
  });
}

/** Paired cluster bootstrap over any units. */
export function differenceOf(
  { units, unpaired }: PairedUnits,
  { from, to, resamples = 10_000, seed = 0, level = 0.95 }: BootstrapSettings & { from: string; to: string },
): Difference {
  const a = units.map((unit) => unit.a);
  const b = units.map((unit) => unit.b);
  const result = pairedClusterBootstrap(
    { a, b, cluster: units.map(({ cluster }) => cluster) },
    { resamples, seed, level },
  );
  return { from, to, a: mean(a), b: mean(b), ...result, unpaired };
}

/** The comparisons with p-values adjusted for their number (Holm); they must be one declared family. */
export function withHolm<T extends { p: number }>(comparisons: readonly T[]): (T & { holm: number })[] {
  const adjusted = holm(comparisons.map(({ p }) => p));
  return comparisons.map((comparison, at) => ({ ...comparison, holm: adjusted[at]! }));
}

/** Variance of the mean difference by clusters, over that of independent questions; at least 1. */
function designEffect(units: readonly PairedUnit[]): number {
  const clusters = units.map(({ cluster }) => cluster);
  const count = new Set(clusters).size;
  if (count === units.length || count < 2) return 1;
  const differences = units.map(({ a, b }) => b - a);
  const alone = meanInterval(differences).standardError;
  return alone === 0 ? 1 : Math.max(1, (clusteredInterval(differences, clusters).standardError / alone) ** 2);
}

const isBinary = (value: number) => value === 0 || value === 1;
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
