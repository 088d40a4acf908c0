import { z } from "zod";

/** A check by name, with its settings. */
const use = z.looseObject({ check: z.string().min(1) });

/** A gate holds when its check says at least `atLeast`; a check that does not apply leaves the gate open. */
const gate = z.looseObject({ ...use.shape, atLeast: z.number().min(0).max(1).default(1) });

const part = z.looseObject({ ...use.shape, weight: z.number().gt(0).default(1) });

const criterion = z.strictObject({
  /** Its share in the total, relative to the others; 0 reports it without counting it. */
  weight: z.number().min(0).default(1),
  /** The chosen answer of a pair must have at least this. */
  floor: z.number().min(0).max(1).default(0),
  parts: z.array(part).min(1),
});

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
});

export type Rubric = z.infer<typeof rubricSchema>;
export type RubricInput = z.input<typeof rubricSchema>;

/** Links that speak of the picture, of what is cited, and of self-examination; all other links are steps of the logic. */
const imageLinks = ["finding", "modifier", "finding-named", "finding-right"];
const citedLinks = ["value", "values-in-stem", "valuesInStem", "no-age"];
const reflectionLinks = ["alternative", "check", "alternative-weighed", "check-made"];

/**
 * The programmatic MMRP: four criteria of equal weight and, beside them, the outcome. Differs from the paper, which publishes neither scale nor
 * aggregation, in that unsupported numbers and broken links are gates, not terms of a mean.
 */
export const defaultRubric: Rubric = rubricSchema.parse({
  name: "mmrp",
  version: "1",
  gates: {
    parses: { check: "parses" },
    "answer-correct": { check: "answer-correct" },
    "conclusion-agrees": { check: "conclusion-agrees", atLeast: 0.5 },
    length: { check: "length" },
    "no-repetition": { check: "no-repetition" },
    "no-key-leak": { check: "no-key-leak" },
    "no-unseen-context": { check: "no-unseen-context" },
    "numbers-in-stem": { check: "numbers-in-stem" },
    "history-in-stem": { check: "history-in-stem" },
    "links-hold": { check: "links", absent: null },
  },
  criteria: {
    "logical-consistency": {
      floor: 0.6,
      parts: [
        { check: "conclusion-agrees" },
        { check: "eliminated-stay-out" },
        { check: "no-flips" },
        { check: "links", except: [...imageLinks, ...citedLinks, ...reflectionLinks], weight: 3 },
      ],
    },
    "image-involvement": {
      floor: 0.3,
      parts: [
        { check: "visual-claims" },
        { check: "claims-own" },
        { check: "modality-agrees" },
        { check: "counterfactual", weight: 2 },
        { check: "links", names: imageLinks, weight: 3 },
      ],
    },
    "no-hallucination": {
      floor: 0.75,
      parts: [
        { check: "numbers-in-stem" },
        { check: "history-in-stem" },
        { check: "findings-agree" },
        { check: "links", names: citedLinks, weight: 3 },
      ],
    },
    reflection: {
      floor: 0.25,
      parts: [
        { check: "evidence-checked" },
        { check: "alternative-weighed" },
        { check: "links", names: reflectionLinks, weight: 2 },
      ],
    },
    outcome: { parts: [{ check: "answer-correct" }] },
  },
} satisfies RubricInput);
