import type { StageAmounts } from "../stage-training.ts";

/** How much of everything a run on films uses, and how fast it learns. */
export type FilmsAmounts = {
  /** Most training films; of a source with more, as many are drawn, half of them normal. */
  readonly films: number;
  /** Most films that the models are compared on; null takes all published test films. */
  readonly heldOut: number | null;
  readonly stage0: StageAmounts;
  readonly stage1: StageAmounts & {
    /** Text-only demonstrations. */
    readonly demonstrations: number;
    /** Share of the training films whose direct answers are replayed among them, so that perception is not forgotten. */
    readonly replay: number;
    /** Direct answers to described films: so that the prompt, and not whether there is a picture, decides between chain and bare answer. */
    readonly described: number;
    /** Pictures that show nothing and stand beside the described films, in turn; 0: no picture. See `makeStandIns`. */
    readonly standIns: number;
  };
  readonly stage2: StageAmounts & {
    /** Answers sampled for each training film, and how. */
    readonly samples: number;
    readonly temperature: number;
    /** Of the DPO loss, and of the likelihood of the chosen answers that is added to it. */
    readonly beta: number;
    readonly nllWeight: number;
    /** See the pair settings of `@mede2/preference`. */
    readonly pairs: {
      readonly perCase: number;
      readonly bothRightShare: number;
      readonly balance: "none" | "answer";
    };
    /** Share of the training films whose bare answers, right and wrong, are a pair too, so that the bare answer is not lost. */
    readonly bare: number;
  };
  /** Longest chain in tokens. */
  readonly maxTokens: number;
};

const stage0 = { epochs: 5, batch: 16, learningRate: 5e-4 };
const stage1 = { epochs: 4, batch: 16, learningRate: 1e-3, replay: 0.2, standIns: 64 };
const stage2 = {
  epochs: 4,
  batch: 16,
  learningRate: 1e-4,
  temperature: 0.8,
  beta: 0.1,
  nllWeight: 1,
  bare: 0.2,
};
const pairs = { perCase: 4, bothRightShare: 0.3, balance: "answer" } as const;

/** Found on development films that were carved out of the training films by patient; see docs/experiments.md. A longer Stage 0 calls out its answer whatever is asked. */
export const filmsAmounts = {
  full: {
    films: 600,
    heldOut: null,
    stage0,
    stage1: { ...stage1, demonstrations: 1500, described: 1000 },
    stage2: { ...stage2, samples: 6, pairs },
    maxTokens: 160,
  },
  /** To see the recipe work; its numbers say little. */
  quick: {
    films: 300,
    heldOut: 120,
    stage0: { ...stage0, epochs: 8 },
    stage1: { ...stage1, demonstrations: 1000, described: 600 },
    stage2: { ...stage2, samples: 4, pairs },
    maxTokens: 160,
  },
} as const satisfies Record<string, FilmsAmounts>;
