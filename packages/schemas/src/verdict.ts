import { z } from "zod";
import { header, isoTimeSchema, nameSchema, recordIdSchema } from "./fields.ts";
import type { Known } from "./known.ts";
import { spanSchema } from "./span.ts";

/** A person's judgement on a pair or on a trace. `first` and `second` are places on the screen; `order` says which of them was the chosen. */
export const verdictSchema = z
  .looseObject({
    ...header("verdict"),
    pairId: recordIdSchema.optional(),
    traceId: recordIdSchema.optional(),
    reviewer: nameSchema,
    choice: z.enum(["first", "second", "tie", "neither"]),
    order: z.enum(["chosen-first", "rejected-first"]),
    blind: z.boolean(),
    criteria: z.record(nameSchema, z.enum(["first", "second", "tie"])).optional(),
    spans: z.array(spanSchema).optional(),
    comment: z.string().optional(),
    seconds: z.number().min(0),
    ts: isoTimeSchema,
  })
  .superRefine((verdict, context) => {
    if ((verdict.pairId === undefined) === (verdict.traceId === undefined))
      context.addIssue({
        code: "custom",
        path: ["pairId"],
        message: "a verdict names either a pairId or a traceId",
      });
  });

export type Verdict = Known<z.infer<typeof verdictSchema>>;
