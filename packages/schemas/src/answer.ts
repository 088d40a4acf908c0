import { z } from "zod";
import { nameSchema } from "./fields.ts";
import type { Known } from "./known.ts";
import { spanSchema } from "./span.ts";

export const answerStatusSchema = z.enum(["found", "ambiguous", "refused", "truncated", "unparsed", "error"]);

/**
 * What a trace answers, or why there is no answer. `rule` names the extraction rule; `span` is the text that it matched. A part of other
 * records. An answer that was found has labels or a text.
 */
export const answerSchema = z
  .looseObject({
    status: answerStatusSchema,
    labels: z.array(nameSchema).min(1).optional(),
    text: z.string().optional(),
    rule: nameSchema,
    span: spanSchema.nullable(),
  })
  .superRefine((answer, context) => {
    if (answer.status === "found" && answer.labels === undefined && answer.text === undefined)
      context.addIssue({
        code: "custom",
        path: ["labels"],
        message: "an answer that was found needs labels or a text",
      });
  });

export type AnswerStatus = z.infer<typeof answerStatusSchema>;
export type Answer = Known<z.infer<typeof answerSchema>>;
