import { z } from "zod";
import { header, licenceSchema, recordIdSchema, splitSchema } from "./fields.ts";
import type { Known } from "./known.ts";
import { questionSchema } from "./question.ts";
import { ratingSchema } from "./rating.ts";
import { traceSchema } from "./trace.ts";

/** One answer to a question, judged by itself: what losses without pairs (KTO, BCO) learn from. */
export const ratedAnswerSchema = z
  .looseObject({
    ...header("rated-answer"),
    id: recordIdSchema,
    question: questionSchema,
    trace: traceSchema,
    rating: ratingSchema,
    desirable: z.boolean(),
    weight: z.number().min(0),
    provenance: z.looseObject({ plan: z.string(), scorer: z.string(), parents: z.array(z.string()) }),
    licence: licenceSchema,
    split: splitSchema,
  })
  .superRefine((answer, context) => {
    if (answer.trace.questionId !== answer.question.id)
      context.addIssue({
        code: "custom",
        path: ["trace", "questionId"],
        message: `expected "${answer.question.id}", the answer's question`,
      });
    if (answer.rating.traceId !== answer.trace.id)
      context.addIssue({
        code: "custom",
        path: ["rating", "traceId"],
        message: `expected "${answer.trace.id}", the answer's trace`,
      });
  });

export type RatedAnswer = Known<z.infer<typeof ratedAnswerSchema>>;
