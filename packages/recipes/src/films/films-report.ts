import type { Difference } from "@mede2/eval";
import type { Interval } from "@mede2/stats";
import type { FilmsAmounts } from "./films-settings.ts";

export const filmsControls = [
  "nll-on-chosen",
  "balanced-nll",
  "rejection-sampling",
  "outcome-only",
  "random-labels",
] as const;

/** What stands in the place of Stage II, from the same Stage I and the same sampled answers. */
export type FilmsControl = (typeof filmsControls)[number];
export type FilmsStage = "base" | "stage0" | "stage1" | "stage2" | FilmsControl;
export type FilmsStyle = "direct" | "reason";

export type FilmsCondition = {
  readonly correct: number;
  readonly n: number;
  /** 95 %, Wilson. */
  readonly low: number;
  readonly high: number;
};

/** A share of the answers to real films, with Wilson's interval. */
export type FilmsShare = Interval & { readonly count: number; readonly n: number };

/** How well probabilities of the options agree with the labels. */
export type FilmsCalibration = {
  /** Films whose answer was found; the others count nowhere here. */
  readonly n: number;
  readonly excluded: number;
  /** Brier score of P(pneumonia). */
  readonly brier: number;
  /** Of the chosen option's probability against being right; ten bins of equal mass. */
  readonly ece: number;
  readonly meanConfidence: number;
  /** Area under the ROC curve of P(pneumonia); null when one class is missing. */
  readonly auroc: (Interval & { readonly positives: number; readonly negatives: number }) | null;
};

/** One model under one prompt. */
export type FilmsRow = {
  readonly stage: FilmsStage;
  readonly style: FilmsStyle;
  readonly real: FilmsCondition;
  readonly blank: FilmsCondition;
  readonly swapped: FilmsCondition;
  /** Right answers by label. */
  readonly byLabel: Readonly<Record<string, FilmsShare>>;
  readonly answers: Readonly<Record<string, number>>;
  readonly findingNamed: FilmsShare;
  /** Right, a finding named, and every finding named leads to the answer. */
  readonly rightWithFinding: FilmsShare;
  /** Right, with a finding, an alternative weighed and a check, in the form that is taught. */
  readonly rightWithWholeChain: FilmsShare;
  /** How often each finding is named, by label: the films do not tell which is true. */
  readonly findings: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly calibration: FilmsCalibration | null;
  readonly reliance: Difference;
};

export type FilmsComparison = Difference & {
  /** "balanced accuracy": both labels weigh the same, so that a model that only leans to the commoner one gains nothing. */
  readonly measure: "accuracy" | "balanced accuracy" | "right with finding" | "reliance";
};

export type FilmsReport = {
  readonly settings: {
    readonly seed: number;
    readonly threads: number;
    readonly developmentFold: number | null;
    readonly amounts: FilmsAmounts;
    /** sha256 of the base's weights. */
    readonly weights: string;
  };
  readonly films: {
    readonly training: number;
    readonly heldOut: number;
    readonly patients: number;
    /** Share of the commonest label. */
    readonly majority: number;
  };
  readonly rows: readonly FilmsRow[];
  /** By films, clusters are patients; paired bootstrap of 10,000 draws. */
  readonly comparisons: readonly FilmsComparison[];
  readonly pairs: {
    readonly count: number;
    readonly bothRight: number;
    readonly kinds: Readonly<Record<string, number>>;
    readonly dropped: Readonly<Record<string, number>>;
  };
  /** Seconds of training by stage, over all attempts, and of this call. */
  readonly trainingSeconds: Readonly<Record<string, number>>;
  readonly seconds: number;
};
