import { z } from "zod/mini";

/** Messages of the run view and of the comparison. Both sides check what arrives. */
const count = z.int().check(z.minimum(0));

/** A metric over the steps, in buckets: mean, lowest and highest value. Columns of the same length. */
export const curveSchema = z.object({
  name: z.string(),
  title: z.string(),
  unit: z.string(),
  step: z.array(z.number()),
  mean: z.array(z.number()),
  low: z.array(z.number()),
  high: z.array(z.number()),
});

export const namedSchema = z.object({ name: z.string(), value: z.string() });

export const alarmSchema = z.object({
  name: z.string(),
  level: z.enum(["warning", "error"]),
  step: count,
  message: z.string(),
  next: z.string(),
});

export const runStatusSchema = z.enum([
  "queued",
  "running",
  "paused",
  "stopped",
  "finished",
  "failed",
  "lost",
]);

export const runViewSchema = z.object({
  id: z.string(),
  kind: z.string(),
  recipe: z.string(),
  status: runStatusSchema,
  step: count,
  steps: z.nullable(count),
  share: z.nullable(z.number()),
  /** The one of the last step; null when there is none. */
  learningRate: z.nullable(z.number()),
  left: z.string(),
  figures: z.array(namedSchema),
  plan: z.string(),
  place: z.string(),
  alarms: z.array(alarmSchema),
  warnings: z.array(z.object({ code: z.string(), message: z.string(), time: z.string() })),
  checkpoints: z.array(z.object({ step: count, path: z.string(), size: z.string() })),
  evaluations: z.array(z.object({ task: z.string(), step: count, metrics: z.array(namedSchema) })),
  controls: z.array(z.object({ request: z.string(), by: z.string(), time: z.string(), outcome: z.string() })),
  failure: z.nullable(z.object({ message: z.string(), next: z.string() })),
  summary: z.array(namedSchema),
  traces: z.array(z.object({ file: z.string(), size: z.string() })),
  unreadable: count,
  /** Share of the log that is read; curves come from a sample of it until it is 1. */
  read: z.number(),
});

export const eventLineSchema = z.object({
  offset: count,
  time: z.string(),
  type: z.string(),
  text: z.string(),
});

export const toRunViewSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("run"), view: runViewSchema, mayControl: z.boolean(), why: z.string() }),
  z.object({ type: z.literal("curves"), curves: z.array(curveSchema) }),
  z.object({ type: z.literal("events"), lines: z.array(eventLineSchema), first: z.boolean() }),
  z.object({ type: z.literal("fault"), message: z.string() }),
]);

export const fromRunViewSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ready"), run: z.optional(z.string()) }),
  z.object({
    type: z.literal("control"),
    request: z.enum(["pause", "resume", "stop", "checkpoint", "learning-rate"]),
  }),
  z.object({
    type: z.literal("open"),
    what: z.enum(["plan", "folder", "trace", "terminal"]),
    file: z.optional(z.string().check(z.maxLength(1000))),
  }),
]);

export const comparedSchema = z.object({
  id: z.string(),
  /** What it is called here: short, and another one than those of the runs beside it. */
  name: z.string(),
  kind: z.string(),
  recipe: z.string(),
  status: runStatusSchema,
  step: count,
  curves: z.array(curveSchema),
});

/** A row of the table: one value a run, and whether they differ. */
export const comparedRowSchema = z.object({
  name: z.string(),
  values: z.array(z.string()),
  differ: z.boolean(),
});

/** Graded answers of the runs to the same questions: right ones by set, and the questions on which the runs part. */
export const comparedAnswersSchema = z.object({
  totals: z.array(comparedRowSchema),
  rows: z.array(
    z.object({
      question: z.string(),
      set: z.string(),
      outcomes: z.array(z.nullable(z.enum(["right", "wrong"]))),
    }),
  ),
  /** Rows that are left out here. */
  more: count,
});

export const toComparisonSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("runs"),
    runs: z.array(comparedSchema),
    results: z.array(comparedRowSchema),
    settings: z.array(comparedRowSchema),
  }),
  z.extend(comparedAnswersSchema, { type: z.literal("answers") }),
  z.object({ type: z.literal("fault"), message: z.string() }),
]);

export const fromComparisonSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ready") }),
  z.object({ type: z.literal("open"), run: count }),
  z.object({ type: z.literal("answer"), row: count, run: count }),
]);

export type Curve = z.infer<typeof curveSchema>;
export type RunView = z.infer<typeof runViewSchema>;
export type EventLine = z.infer<typeof eventLineSchema>;
export type ToRunView = z.infer<typeof toRunViewSchema>;
export type FromRunView = z.infer<typeof fromRunViewSchema>;
export type Compared = z.infer<typeof comparedSchema>;
export type ComparedRow = z.infer<typeof comparedRowSchema>;
export type ComparedAnswers = z.infer<typeof comparedAnswersSchema>;
export type ToComparison = z.infer<typeof toComparisonSchema>;
export type FromComparison = z.infer<typeof fromComparisonSchema>;
