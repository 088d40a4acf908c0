import { z } from "zod";
import { mapSchema } from "../judges/calibration.ts";

/** How pairs are made from rated candidates. All have defaults. */
export const pairSettingsSchema = z.strictObject({
  seed: z.int().default(0),
  /** Name of the plan, for the provenance. */
  plan: z.string().default(""),
  /** Least difference of totals. */
  margin: z.number().min(0).default(0.05),
  /** How many anchors the rejected answer may be better by, on any criterion. */
  anchorSlack: z.int().min(0).max(2).default(1),
  /** Most pairs of one case (`group.case`, or else the question). */
  perCase: z.int().min(1).default(2),
  /** Most pairs in which one trace is chosen. */
  perChosen: z.int().min(1).default(1),
  /** Least share of pairs with both answers right, so that the signal is the process. */
  bothRightShare: z.number().min(0).max(1).default(0.3),
  /** Lengths match when |ln(chosen/rejected)| is below this. */
  lengthLogRatio: z.number().gt(0).default(0.3),
  /** "prefer": other pairs of a question are used when none matches; "require": they are not; "ignore": lengths do not count. */
  lengthMatch: z.enum(["prefer", "require", "ignore"]).default("prefer"),
  /** Whether a rejected answer must at least have an answer. */
  rejectedAnswers: z.boolean().default(true),
  /** Share of each kind wanted; kinds that are not named fill the rest as they come. */
  kinds: z.record(z.string(), z.number().min(0).max(1)).default({}),
  /** Greatest share of any one kind; 1 does not balance. */
  kindShare: z.number().gt(0).max(1).default(1),
  /** What people's verdicts say of margins: see `calibrationSchema`. Pairs that fewer people than `agreement` would choose are left out. */
  calibration: mapSchema.optional(),
  agreement: z.number().min(0).max(1).default(0.5),
  /** Most pairs in all. */
  limit: z.int().min(1).optional(),
  /** "margin": the margin over the mean margin; "equal": 1. */
  weight: z.enum(["margin", "equal"]).default("margin"),
  /** "answer": pairs of every right answer (for options, its text) weigh the same in all. For questions that share few answers, of which the model gives one far more often; "none": as they come. */
  balance: z.enum(["none", "answer"]).default("none"),
  /** Control: right is preferred to wrong and the process does not count. */
  outcomeOnly: z.boolean().default(false),
  /** Control: a coin says which side is chosen. */
  randomLabels: z.boolean().default(false),
});

export type PairSettings = z.infer<typeof pairSettingsSchema>;
export type PairSettingsInput = z.input<typeof pairSettingsSchema>;
