import { type Rubric, type RubricInput, rubricSchema } from "../rubric.ts";
import { judgeQuestions } from "./judge-questions.ts";

/**
 * MMRP for any text: nobody knows the links of the chain, so the chain is read against itself, the stem and the reference findings. Differs from the
 * default rubric in its checks, not in its criteria, and in that one contradiction or one unsupported fact decides its criterion: in a mean of seven it would move the total by less
 * than the margin of a pair.
 */
export const textRubric: Rubric = rubricSchema.parse({
  name: "mmrp-text",
  version: "3",
  gates: {
    parses: { check: "parses" },
    "answer-correct": { check: "answer-correct" },
    "conclusion-agrees": { check: "conclusion-agrees", atLeast: 0.5 },
    length: { check: "length" },
    "no-repetition": { check: "no-repetition" },
    "no-key-leak": { check: "no-key-leak" },
    "no-unseen-context": { check: "no-unseen-context" },
    "numbers-in-stem": { check: "numbers-in-stem", computed: true },
    "history-in-stem": { check: "history-in-stem" },
    "events-in-stem": { check: "events-in-stem" },
  },
  criteria: {
    "logical-consistency": {
      floor: 0.5,
      combine: "worst",
      judge: judgeQuestions["logical-consistency"],
      parts: [
        { check: "conclusion-agrees" },
        { check: "eliminated-stay-out" },
        { check: "no-flips", computed: true },
        { check: "no-reversals" },
        { check: "signs-kept" },
        { check: "one-conclusion" },
        { check: "answer-not-denied" },
        { check: "arithmetic-holds" },
        { check: "number-concluded" },
      ],
    },
    "image-involvement": {
      floor: 0.3,
      judge: judgeQuestions["image-involvement"],
      parts: [
        { check: "visual-claims" },
        { check: "claims-own" },
        { check: "modality-agrees" },
        { check: "claims-carried" },
        { check: "asked-is-seen" },
        { check: "one-picture" },
        { check: "counterfactual", weight: 2 },
      ],
    },
    "no-hallucination": {
      floor: 0.5,
      combine: "worst",
      judge: judgeQuestions["no-hallucination"],
      parts: [
        { check: "numbers-in-stem", computed: true },
        { check: "history-in-stem" },
        { check: "events-in-stem" },
        { check: "sentences-tied" },
        { check: "findings-agree", weight: 2 },
        { check: "claims-in-findings", weight: 2 },
      ],
    },
    reflection: {
      floor: 0.25,
      judge: judgeQuestions.reflection,
      parts: [{ check: "evidence-checked" }, { check: "alternative-weighed" }],
    },
    outcome: { parts: [{ check: "answer-correct" }] },
  },
} satisfies RubricInput);
