import { type Rubric, type RubricInput, rubricSchema } from "../rubric.ts";
import { judgeQuestions } from "./judge-questions.ts";

/** Links that speak of the picture, of what is cited, and of self-examination; all other links are steps of the logic. */
const imageLinks = ["finding", "modifier", "finding-named", "finding-right"];
const citedLinks = ["value", "values-in-stem", "valuesInStem", "no-age"];
const reflectionLinks = ["alternative", "check", "alternative-weighed", "check-made"];

/**
 * MMRP for cases of which somebody knows the links: four criteria of equal weight and, beside them, the outcome. Differs from the paper, which publishes neither scale nor
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
      judge: judgeQuestions["logical-consistency"],
      parts: [
        { check: "conclusion-agrees" },
        { check: "eliminated-stay-out" },
        { check: "no-flips" },
        { check: "links", except: [...imageLinks, ...citedLinks, ...reflectionLinks], weight: 3 },
      ],
    },
    "image-involvement": {
      floor: 0.3,
      judge: judgeQuestions["image-involvement"],
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
      judge: judgeQuestions["no-hallucination"],
      parts: [
        { check: "numbers-in-stem" },
        { check: "history-in-stem" },
        { check: "findings-agree" },
        { check: "links", names: citedLinks, weight: 3 },
      ],
    },
    reflection: {
      floor: 0.25,
      judge: judgeQuestions.reflection,
      parts: [
        { check: "evidence-checked" },
        { check: "alternative-weighed" },
        { check: "links", names: reflectionLinks, weight: 2 },
      ],
    },
    outcome: { parts: [{ check: "answer-correct" }] },
  },
} satisfies RubricInput);
