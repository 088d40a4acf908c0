/** How much of everything a run on films uses, and how fast it learns. */
export type FilmsAmounts = {
  /** Most training films; of a source with more, as many are drawn, half of them normal. */
  readonly films: number;
  /** Most films that the models are compared on; all of the published test films by default. */
  readonly heldOut: number;
  readonly stage0: StageAmounts;
  readonly stage1: StageAmounts & {
    /** Text-only demonstrations. */
    readonly demonstrations: number;
    /** Direct answers to training films among them, as a share of the training films: perception is not to be forgotten. */
    readonly replay: number;
  };
  readonly stage2: StageAmounts & {
    /** Answers sampled for each training film. */
    readonly samples: number;
    readonly temperature: number;
    /** Of the DPO loss, and of the likelihood of the chosen answers that is added to it. */
    readonly beta: number;
    readonly nllWeight: number;
  };
  /** Longest reply in tokens. */
  readonly maxTokens: number;
};

export type StageAmounts = {
  readonly epochs: number;
  readonly batch: number;
  readonly learningRate: number;
};

/** Found on development films that were carved out of the training films; see docs/experiments.md. */
export const filmsAmounts = {
  full: {
    films: 600,
    heldOut: Number.POSITIVE_INFINITY,
    stage0: { epochs: 12, batch: 16, learningRate: 5e-4 },
    stage1: { epochs: 3, batch: 32, learningRate: 8e-4, demonstrations: 1500, replay: 1 },
    stage2: {
      epochs: 2,
      batch: 16,
      learningRate: 1e-4,
      samples: 6,
      temperature: 0.8,
      beta: 0.1,
      nllWeight: 1,
    },
    maxTokens: 200,
  },
} as const satisfies Record<string, FilmsAmounts>;
