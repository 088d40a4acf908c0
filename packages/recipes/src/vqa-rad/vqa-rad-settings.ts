import type { StageAmounts } from "../stage-training.ts";

/** How much of everything a run on VQA-RAD uses. */
export type VqaRadAmounts = {
  /** Direct answers to the training questions, with the vision tower open. */
  readonly stage0: StageAmounts;
  /** DPO with the likelihood of the chosen answer, on either kind of pairs. */
  readonly stage2: StageAmounts & { readonly beta: number; readonly nllWeight: number };
  /** Closed training questions that the model answers itself, and how often. */
  readonly own: { readonly questions: number; readonly samples: number; readonly temperature: number };
  /** Longest answer of a model, in tokens. */
  readonly maxTokens: number;
  /** Most pairs of MMedPO; null takes all. */
  readonly pairs: number | null;
};

export const vqaRadAmounts = {
  full: {
    stage0: { epochs: 4, batch: 16, learningRate: 5e-4 },
    stage2: { epochs: 1, batch: 16, learningRate: 5e-5, beta: 0.1, nllWeight: 1 },
    own: { questions: 800, samples: 4, temperature: 1 },
    maxTokens: 24,
    pairs: null,
  },
  /** To see the recipe work; its numbers say nothing. */
  quick: {
    stage0: { epochs: 1, batch: 16, learningRate: 5e-4 },
    stage2: { epochs: 1, batch: 16, learningRate: 5e-5, beta: 0.1, nllWeight: 1 },
    own: { questions: 64, samples: 4, temperature: 1 },
    maxTokens: 24,
    pairs: 64,
  },
} as const satisfies Record<string, VqaRadAmounts>;
