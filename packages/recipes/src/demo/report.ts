/** A count with its 95 % Wilson interval, as fractions. */
export type Share = {
  readonly correct: number;
  readonly n: number;
  readonly low: number;
  readonly high: number;
};

/** Right answers among those that were scored; `excluded` ones (a picture that could not be read, say) are in neither number. */
export type ScoredShare = Share & { readonly excluded: number };

export type DemoStage = "base" | "stage1" | "stage2";
export type DemoCondition = "real" | "blank" | "swapped";

/** What the answers to real images show beside being right; each a share of all questions. */
export type ProcessShares = {
  readonly findingRight: Share;
  readonly findingCarried: Share;
  readonly valuesInStem: Share;
  /** Right answers whose chain is true of the case and consistent. */
  readonly rightAndTrue: Share;
};

/** A paired comparison: `to` minus `from` on the same questions, under one condition of images. */
export type DemoComparison = {
  readonly from: DemoStage;
  readonly to: DemoStage;
  readonly images: DemoCondition;
  readonly difference: number;
  readonly low: number;
  readonly high: number;
  readonly p: number;
};

/** Results on one held-out set. */
export type DemoSet = {
  readonly models: Readonly<Record<DemoStage, Readonly<Record<DemoCondition, ScoredShare>>>>;
  /** Null for a model that was asked for the bare answer. */
  readonly process: Readonly<Record<DemoStage, ProcessShares | null>>;
  readonly comparisons: readonly DemoComparison[];
  /** The same for reliance on the image: accuracy with real minus accuracy with swapped images. */
  readonly reliance: readonly Omit<DemoComparison, "images">[];
};

/** `DIR/report.json`: the set held out by combination at the top, the set held out by case beside it. */
export type DemoReport = DemoSet & {
  readonly byCase: DemoSet;
  readonly settings: {
    readonly quick: boolean;
    readonly seed: number;
    readonly threads: number;
    readonly basePrompt: "direct" | "reason";
  };
  readonly pairs: {
    readonly count: number;
    readonly bothRight: number;
    readonly kinds: Readonly<Record<string, number>>;
    readonly dropped: Readonly<Record<string, number>>;
  };
  readonly runs: readonly string[];
  readonly seconds: number;
};
