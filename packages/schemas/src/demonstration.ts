import { z } from "zod";
import { header, nameSchema, recordIdSchema } from "./fields.ts";
import type { Known } from "./known.ts";
import { questionSchema } from "./question.ts";
import { traceSchema } from "./trace.ts";

export const checkSchema = z.looseObject({
  name: nameSchema,
  passed: z.boolean(),
  reason: z.string().optional(),
});

/** A question with one chain of reasoning to imitate, and the checks that it went through. */
export const demonstrationSchema = z.looseObject({
  ...header("demonstration"),
  id: recordIdSchema,
  question: questionSchema,
  trace: traceSchema,
  /** The template that says what a chain must contain, and in which order. */
  orchestration: z.looseObject({ name: nameSchema, version: nameSchema }),
  checks: z.array(checkSchema),
});

export type Check = Known<z.infer<typeof checkSchema>>;
export type Demonstration = Known<z.infer<typeof demonstrationSchema>>;
