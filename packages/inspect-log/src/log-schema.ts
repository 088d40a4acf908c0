import type { Known } from "@mede2/schemas";
import { z } from "zod";

/*
 * What we read of Inspect's EvalLog, version 2 (`inspect_ai/log/_log.py`). Looser than what we write: old logs lack most of it, new ones have more, and both are kept.
 */

const anything = z.record(z.string(), z.unknown());
const sampleId = z.union([z.string(), z.number()]);
const text = z.string();

const usage = z.looseObject({
  input_tokens: z.number().optional(),
  output_tokens: z.number().optional(),
  total_tokens: z.number().optional(),
});

const part = z.looseObject({
  type: text,
  text: text.optional(),
  reasoning: text.optional(),
  image: text.optional(),
});

export const inspectMessageSchema = z.looseObject({
  role: text,
  content: z.union([text, z.array(part)]),
});

/** A score's value: "C", "I", "P", "N", a number (NaN: unscored), a boolean, or several of them. */
export const inspectScoreSchema = z.looseObject({
  value: z.unknown(),
  answer: text.nullish(),
  explanation: text.nullish(),
  metadata: anything.nullish(),
});

const output = z.looseObject({
  model: text.optional(),
  choices: z.array(z.looseObject({ message: inspectMessageSchema, stop_reason: text.optional() })).optional(),
  completion: text.optional(),
  usage: usage.nullish(),
  error: text.nullish(),
});

export const inspectSampleSchema = z.looseObject({
  id: sampleId,
  epoch: z.int(),
  input: z.union([text, z.array(inspectMessageSchema)]),
  choices: z.array(text).nullish(),
  target: z.union([text, z.array(text)]),
  messages: z.array(inspectMessageSchema).optional(),
  output: output.optional(),
  scores: z.record(z.string(), inspectScoreSchema).nullish(),
  metadata: anything.optional(),
  model_usage: z.record(z.string(), usage).optional(),
  error: z.looseObject({ message: text }).nullish(),
  attachments: z.record(z.string(), text).optional(),
  total_time: z.number().nullish(),
});

export const inspectSummarySchema = z.looseObject({
  id: sampleId,
  epoch: z.int(),
  target: z.union([text, z.array(text)]),
  scores: z.record(z.string(), inspectScoreSchema).nullish(),
  metadata: anything.optional(),
  error: text.nullish(),
});

const evalScore = z.looseObject({
  name: text,
  scorer: text,
  reducer: text.nullish(),
  scored_samples: z.number().nullish(),
  unscored_samples: z.number().nullish(),
  metrics: z.record(z.string(), z.looseObject({ name: text, value: z.number().nullable() })).optional(),
});

export const inspectHeaderSchema = z.looseObject({
  version: z.number(),
  status: z.enum(["started", "success", "cancelled", "error"]),
  eval: z.looseObject({
    created: text,
    task: text,
    task_id: text.optional(),
    model: text,
    dataset: z.looseObject({ name: text.nullish(), samples: z.number().nullish() }).optional(),
    metadata: anything.nullish(),
  }),
  plan: anything.optional(),
  results: z
    .looseObject({
      total_samples: z.number().optional(),
      completed_samples: z.number().optional(),
      scores: z.array(evalScore).optional(),
    })
    .nullish(),
  stats: anything.optional(),
  error: z.looseObject({ message: text }).nullish(),
});

export type InspectMessage = Known<z.infer<typeof inspectMessageSchema>>;
export type InspectScore = Known<z.infer<typeof inspectScoreSchema>>;
export type InspectSample = Known<z.infer<typeof inspectSampleSchema>>;
export type InspectSummary = Known<z.infer<typeof inspectSummarySchema>>;
export type InspectHeader = Known<z.infer<typeof inspectHeaderSchema>>;
