import { z } from "zod/mini";
import { caseViewSchema } from "./case-view.ts";

/** Messages of the pair review. Until a verdict is given, nothing that is sent says which answer was chosen. */
const count = z.int().check(z.minimum(0));
export const choiceSchema = z.enum(["first", "second", "tie", "neither"]);

export const toReviewSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("session"),
    file: z.string(),
    verdicts: z.string(),
    reviewer: z.string(),
    blind: z.boolean(),
    pairs: count,
    judged: count,
    indexed: z.boolean(),
    agreed: count,
    mayWrite: z.boolean(),
  }),
  z.object({
    type: z.literal("pair"),
    index: count,
    view: caseViewSchema,
    criteria: z.array(z.string()),
    judged: z.boolean(),
  }),
  /** After the verdict: which one it was, with scores. */
  z.object({
    type: z.literal("revealed"),
    index: count,
    chosen: z.enum(["first", "second"]),
    choice: choiceSchema,
    view: caseViewSchema,
  }),
  z.object({ type: z.literal("fault"), message: z.string() }),
]);

export const fromReviewSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ready"), index: z.optional(count) }),
  z.object({ type: z.literal("go"), index: count }),
  z.object({ type: z.literal("next"), after: count }),
  z.object({
    type: z.literal("verdict"),
    index: count,
    choice: choiceSchema,
    criteria: z.record(z.string().check(z.maxLength(80)), z.enum(["first", "second", "tie"])),
    /** Quotes that the reviewer marked, and on which side. */
    spans: z
      .array(
        z.object({
          side: z.enum(["first", "second"]),
          start: count,
          quote: z.string().check(z.minLength(1), z.maxLength(4000)),
        }),
      )
      .check(z.maxLength(50)),
    comment: z.string().check(z.maxLength(4000)),
    seconds: z.number().check(z.minimum(0)),
  }),
]);

export type Choice = z.infer<typeof choiceSchema>;
export type ToReview = z.infer<typeof toReviewSchema>;
export type FromReview = z.infer<typeof fromReviewSchema>;
export type VerdictMessage = Extract<FromReview, { type: "verdict" }>;
