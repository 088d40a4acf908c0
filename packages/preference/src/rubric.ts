import { z } from "zod";

/** A check by name, with its settings. */
const use = z.looseObject({ check: z.string().min(1) });

/** A gate holds when its check says at least `atLeast`; a check that does not apply leaves the gate open. */
const gate = z.looseObject({ ...use.shape, atLeast: z.number().min(0).max(1).default(1) });

const part = z.looseObject({ ...use.shape, weight: z.number().gt(0).default(1) });

/** What a judge is asked about a criterion, and what each anchor means. */
const judged = z.strictObject({
  question: z.string().min(1),
  anchors: z.tuple([z.string().min(1), z.string().min(1), z.string().min(1)]),
  /** Asked only where the model was shown a picture. */
  needsImage: z.boolean().default(false),
});

const criterion = z
  .strictObject({
    /** Its share in the total, relative to the others; 0 reports it without counting it. */
    weight: z.number().min(0).default(1),
    /** The chosen answer of a pair must have at least this. */
    floor: z.number().min(0).max(1).default(0),
    parts: z.array(part).default([]),
    /** What its parts make: their weighted mean (default), or "worst": the least of them, where one fault is a fault whatever else holds, with a fifth of the mean, so that two faults are worse than one. */
    combine: z.enum(["mean", "worst"]).optional(),
    judge: judged.optional(),
  })
  .refine(({ parts, judge }) => parts.length > 0 || judge !== undefined, "expected parts, a judge, or both");

/**
 * What a trace is judged by, as data: gates, and criteria made of weighted checks. A gate or criterion of one's own is a new entry, with
 * any check of `traceChecks` (`pattern` and `links` among them). `anchors` turns values into 0, 1 and 2.
 */
export const rubricSchema = z.strictObject({
  name: z.string().min(1),
  version: z.string().min(1),
  gates: z.record(z.string().min(1), gate),
  criteria: z.record(z.string().min(1), criterion),
  anchors: z
    .tuple([z.number().min(0).max(1), z.number().min(0).max(1)])
    .default([0.4, 0.8])
    .refine(([one, two]) => one < two, "expected two rising thresholds"),
  /** How much the judges count beside the checks, on a criterion that both have scored. */
  judgeShare: z.number().min(0).max(1).default(0.5),
});

export type Rubric = z.infer<typeof rubricSchema>;
export type RubricInput = z.input<typeof rubricSchema>;
