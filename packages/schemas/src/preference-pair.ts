import { z } from "zod";
import { header, licenceSchema, nameSchema, recordIdSchema, splitSchema } from "./fields.ts";
import type { Known } from "./known.ts";
import { questionSchema } from "./question.ts";
import { ratingSchema } from "./rating.ts";
import { traceSchema } from "./trace.ts";

/** The better and the worse of two answers to one question, and where the judgement comes from. */
export const preferencePairSchema = z
  .looseObject({
    ...header("preference-pair"),
    id: recordIdSchema,
    question: questionSchema,
    chosen: traceSchema,
    rejected: traceSchema,
    ratings: z.looseObject({ chosen: ratingSchema, rejected: ratingSchema }),
    /** How the rejected answer came to be: "sampled", or the name of a constructed kind. */
    negativeKind: nameSchema,
    /** Total of the chosen minus total of the rejected. */
    margin: z.number(),
    weight: z.number().min(0),
    provenance: z.looseObject({
      plan: z.string(),
      scorer: z.string(),
      seed: z.int(),
      parents: z.array(z.string()),
    }),
    licence: licenceSchema,
    split: splitSchema,
  })
  .superRefine((pair, context) => {
    for (const side of ["chosen", "rejected"] as const) {
      if (pair[side].questionId !== pair.question.id)
        context.addIssue({
          code: "custom",
          path: [side, "questionId"],
          message: `expected "${pair.question.id}", the pair's question`,
        });
      if (pair.ratings[side].traceId !== pair[side].id)
        context.addIssue({
          code: "custom",
          path: ["ratings", side, "traceId"],
          message: `expected "${pair[side].id}", the ${side} trace`,
        });
    }
  });

export type PreferencePair = Known<z.infer<typeof preferencePairSchema>>;
