import { z } from "zod/mini";

/**
 * What a webview draws of a record: plain texts and numbers, made by the extension from a record that it has checked. Nothing in it is HTML, and
 * nothing of it is ever used as such.
 */
const count = z.int().check(z.minimum(0));

/** A piece of text with what points at it: names of criteria, or "answer". */
export const pieceSchema = z.object({ text: z.string(), marks: z.array(z.string()) });

/** A stretch of an answer: a step of its reasoning, or what stands between. */
export const blockSchema = z.object({
  kind: z.enum(["step", "text"]),
  number: z.optional(count),
  pieces: z.array(pieceSchema),
});

export const criterionSchema = z.object({
  name: z.string(),
  /** 0 to 1, or missing with a reason. */
  value: z.optional(z.number()),
  reason: z.optional(z.string()),
  /** Quotes that stand elsewhere than in the answer's text, or nowhere. */
  elsewhere: z.array(z.object({ field: z.string(), quote: z.string(), found: z.boolean() })),
  marked: count,
});

export const ratingViewSchema = z.object({
  scorer: z.string(),
  total: z.nullable(z.number()),
  gates: z.array(z.object({ name: z.string(), state: z.enum(["passed", "failed", "not-applicable"]) })),
  criteria: z.array(criterionSchema),
});

export const answerViewSchema = z.object({
  status: z.enum(["found", "ambiguous", "refused", "truncated", "unparsed", "error"]),
  text: z.string(),
  rule: z.string(),
  /** The span that the extractor used stands in the text. */
  marked: z.boolean(),
});

export const outcomeViewSchema = z.object({
  kind: z.enum(["right", "wrong", "score", "excluded"]),
  text: z.string(),
});

export const traceViewSchema = z.object({
  id: z.string(),
  heading: z.string(),
  by: z.string(),
  images: z.string(),
  details: z.array(z.object({ name: z.string(), value: z.string() })),
  blocks: z.array(blockSchema),
  /** Characters that are left out because there are too many. */
  omitted: count,
  answer: answerViewSchema,
  outcome: z.optional(outcomeViewSchema),
  rating: z.optional(ratingViewSchema),
});

export const imageViewSchema = z.object({
  sha256: z.string(),
  label: z.string(),
  width: count,
  height: count,
  /** Where the webview finds it; missing with a reason. */
  source: z.optional(z.string()),
  reason: z.optional(z.string()),
  /** Marked parts, as shares of the picture's width and height. */
  regions: z.array(
    z.object({
      name: z.string(),
      x: z.number(),
      y: z.number(),
      width: z.number(),
      height: z.number(),
    }),
  ),
});

export const questionViewSchema = z.object({
  id: z.string(),
  stem: z.string(),
  options: z.array(z.object({ label: z.string(), text: z.string(), gold: z.boolean() })),
  gold: z.string(),
  findings: z.optional(z.string()),
  tags: z.array(z.object({ name: z.string(), value: z.string() })),
});

export const caseViewSchema = z.object({
  kind: z.string(),
  id: z.string(),
  line: count,
  question: z.optional(questionViewSchema),
  /** Why there is no question. */
  questionMissing: z.optional(z.string()),
  images: z.array(imageViewSchema),
  columns: z.array(traceViewSchema),
  /** For two columns: which steps belong together, by number from 0. */
  aligned: z.optional(z.array(z.tuple([z.nullable(count), z.nullable(count)]))),
  facts: z.array(z.object({ name: z.string(), value: z.string() })),
});

export type Piece = z.infer<typeof pieceSchema>;
export type Block = z.infer<typeof blockSchema>;
export type RatingView = z.infer<typeof ratingViewSchema>;
export type AnswerView = z.infer<typeof answerViewSchema>;
export type OutcomeView = z.infer<typeof outcomeViewSchema>;
export type TraceView = z.infer<typeof traceViewSchema>;
export type RegionView = ImageView["regions"][number];
export type ImageView = z.infer<typeof imageViewSchema>;
export type QuestionView = z.infer<typeof questionViewSchema>;
export type CaseView = z.infer<typeof caseViewSchema>;
