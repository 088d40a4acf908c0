import { z } from "zod";
import { answerSchema } from "./answer.ts";
import {
  countSchema,
  fractionSchema,
  header,
  imageConditionSchema,
  nameSchema,
  questionIdSchema,
  recordIdSchema,
  stageSchema,
} from "./fields.ts";
import type { Known } from "./known.ts";
import { groupSchema, tagsSchema } from "./question.ts";

/** Right or wrong, a score, or the reason why the row counts in no mean. */
export const outcomeSchema = z.union(
  [
    z.looseObject({ correct: z.boolean() }),
    z.looseObject({ score: fractionSchema }),
    z.looseObject({ excluded: nameSchema }),
  ],
  { error: "expected {correct}, {score} or {excluded}" },
);

/** One answer, graded. */
export const evaluationRecordSchema = z.looseObject({
  ...header("evaluation-record"),
  questionId: questionIdSchema,
  task: nameSchema,
  protocol: nameSchema,
  model: z.looseObject({ name: nameSchema, checkpoint: z.string().optional() }),
  stage: stageSchema,
  images: imageConditionSchema,
  /** Index of the sample, from 0. */
  sample: countSchema,
  traceId: recordIdSchema,
  answer: answerSchema,
  outcome: outcomeSchema,
  /** What the other extraction rules found. */
  byRule: z.record(nameSchema, answerSchema),
  group: groupSchema,
  tags: tagsSchema,
});

export type Outcome = Known<z.infer<typeof outcomeSchema>>;
export type EvaluationRecord = Known<z.infer<typeof evaluationRecordSchema>>;
