import { z } from "zod";
import { header } from "./fields.ts";
import type { Known } from "./known.ts";
import { questionSchema } from "./question.ts";
import { ratingSchema } from "./rating.ts";
import { traceSchema } from "./trace.ts";

/** The answers sampled for one question. `ratings` is empty until they are scored; a rating finds its trace by `traceId`. */
export const candidatesSchema = z.looseObject({
  ...header("candidates"),
  question: questionSchema,
  traces: z.array(traceSchema),
  ratings: z.array(ratingSchema),
});

export type Candidates = Known<z.infer<typeof candidatesSchema>>;
