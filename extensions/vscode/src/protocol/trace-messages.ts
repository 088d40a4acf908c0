import { z } from "zod/mini";
import { caseViewSchema } from "./case-view.ts";

/** Messages between the trace editor and the extension. Both sides check what arrives. */
const count = z.int().check(z.minimum(0));
const text = z.string().check(z.maxLength(2000));

/** What is looked for. A missing key asks for nothing. */
export const filterSchema = z.object({
  text: z.optional(text),
  outcome: z.optional(z.enum(["right", "wrong", "excluded"])),
  /** Against the first evaluation beside it: wrong there and right here, or the other way round. */
  change: z.optional(z.enum(["won", "lost"])),
  answer: z.optional(z.enum(["found", "ambiguous", "refused", "truncated", "unparsed", "error"])),
  specialty: z.optional(text),
  images: z.optional(text),
  negativeKind: z.optional(text),
  /** A criterion whose value lies below one half. */
  weak: z.optional(text),
});

export const rowViewSchema = z.object({
  position: count,
  line: count,
  title: z.string(),
  badges: z.array(z.object({ text: z.string(), tone: z.enum(["good", "bad", "plain", "warn"]) })),
});

export const facetsSchema = z.object({
  outcomes: z.boolean(),
  changes: z.optional(z.string()),
  answers: z.array(z.string()),
  specialties: z.array(z.string()),
  images: z.array(z.string()),
  negativeKinds: z.array(z.string()),
  criteria: z.array(z.string()),
});

export const toTraceEditorSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("file"),
    name: z.string(),
    record: z.string(),
    /** Whether its pairs may be judged: verdicts are written beside it. */
    mayReview: z.boolean(),
  }),
  /** How far the file is indexed and looked through; `rows` are those that the filter lets through. */
  z.object({
    type: z.literal("progress"),
    generation: count,
    rows: count,
    lines: count,
    indexed: z.number(),
    scanned: z.number(),
    done: z.boolean(),
    unreadable: count,
  }),
  z.object({ type: z.literal("facets"), facets: facetsSchema }),
  z.object({ type: z.literal("rows"), generation: count, rows: z.array(rowViewSchema) }),
  z.object({ type: z.literal("case"), position: count, view: caseViewSchema }),
  z.object({ type: z.literal("fault"), position: z.optional(count), message: z.string() }),
  z.object({ type: z.literal("reveal"), line: count }),
]);

export const fromTraceEditorSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ready"), filter: filterSchema, line: z.optional(count) }),
  z.object({ type: z.literal("filter"), filter: filterSchema }),
  z.object({ type: z.literal("rows"), generation: count, from: count, to: count }),
  z.object({ type: z.literal("open"), generation: count, position: count, beside: z.boolean() }),
  z.object({
    type: z.literal("command"),
    command: z.enum(["text", "link", "review"]),
    line: z.optional(count),
  }),
]);

export type Filter = z.infer<typeof filterSchema>;
export type RowView = z.infer<typeof rowViewSchema>;
export type Facets = z.infer<typeof facetsSchema>;
export type ToTraceEditor = z.infer<typeof toTraceEditorSchema>;
export type FromTraceEditor = z.infer<typeof fromTraceEditorSchema>;
