import { z } from "zod";
import { fractionSchema, header, nameSchema, recordIdSchema } from "./fields.ts";
import type { Known } from "./known.ts";
import { spanSchema } from "./span.ts";

export const scorerSchema = z.looseObject({
  name: nameSchema,
  version: nameSchema,
  rubric: nameSchema,
  mode: z.enum(["programmatic", "judge", "jury"]),
  judges: z.array(nameSchema),
});

export const gateSchema = z.enum(["passed", "failed", "not-applicable"]);

/** A judgement on one criterion: a value from 0 to 1 with the spans of the trace that it rests on, or the reason why there is none. */
export const judgementSchema = z.discriminatedUnion("status", [
  z.looseObject({
    status: z.literal("scored"),
    value: fractionSchema,
    anchor: z
      .union([z.literal(0), z.literal(1), z.literal(2)], { error: "expected an anchor of 0, 1 or 2" })
      .optional(),
    spans: z.array(spanSchema),
  }),
  z.looseObject({ status: z.literal("unscored"), reason: nameSchema }),
]);

/** What a scorer says of a trace. `criteria` has the keys logical-consistency, image-involvement, no-hallucination, reflection and more. */
export const ratingSchema = z.looseObject({
  ...header("rating"),
  traceId: recordIdSchema,
  scorer: scorerSchema,
  gates: z.record(nameSchema, gateSchema),
  criteria: z.record(nameSchema, judgementSchema),
  total: z.number().nullable(),
});

export type Scorer = Known<z.infer<typeof scorerSchema>>;
export type Gate = z.infer<typeof gateSchema>;
export type Judgement = Known<z.infer<typeof judgementSchema>>;
export type Rating = Known<z.infer<typeof ratingSchema>>;
