/** How much of everything a demo uses. */
export type DemoAmounts = {
  /** Text-only demonstrations of Stage I, and how often they are gone through. */
  readonly demonstrations: number;
  readonly epochs: number;
  /** Multimodal cases of Stage II, and answers sampled for each. */
  readonly cases: number;
  readonly samples: number;
  /** Questions of the set held out by combination, and of the one held out by case. */
  readonly heldOut: number;
  readonly heldOutByCase: number;
  /** Questions on which the base's better prompt is found. */
  readonly development: number;
};

/** Stage I is the same in the quick form: with fewer steps it ends below the base. */
export const demoAmounts = {
  full: {
    demonstrations: 1500,
    epochs: 4,
    cases: 800,
    samples: 6,
    heldOut: 1000,
    heldOutByCase: 1000,
    development: 200,
  },
  quick: {
    demonstrations: 1500,
    epochs: 4,
    cases: 200,
    samples: 4,
    heldOut: 150,
    heldOutByCase: 150,
    development: 60,
  },
} as const satisfies Record<string, DemoAmounts>;
