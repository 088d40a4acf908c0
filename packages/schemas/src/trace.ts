import { z } from "zod";
import { answerSchema } from "./answer.ts";
import {
  countSchema,
  header,
  imageConditionSchema,
  nameSchema,
  questionIdSchema,
  recordIdSchema,
  sha256Schema,
  stageSchema,
  temperatureSchema,
  topPSchema,
} from "./fields.ts";
import type { Known } from "./known.ts";
import { spanSchema } from "./span.ts";

export const traceSourceSchema = z.looseObject({
  kind: z.enum(["model", "teacher", "template", "person", "import"]),
  name: nameSchema,
  /** The folder of the weights, relative to the workspace, or their revision. */
  checkpoint: z.string().optional(),
  run: z.string().optional(),
});

export const traceSampleSchema = z.looseObject({
  index: countSchema,
  seed: z.int(),
  temperature: temperatureSchema,
  topP: topPSchema,
  maxTokens: countSchema,
});

export const finishSchema = z.enum(["stop", "length", "refused", "error"]);

/** One answer with its reasoning, as it was written. `promptHash` is the sha256 of the prompt's text after the chat template. */
export const traceSchema = z.looseObject({
  ...header("trace"),
  id: recordIdSchema,
  questionId: questionIdSchema,
  by: traceSourceSchema,
  stage: stageSchema,
  images: imageConditionSchema,
  imageHashes: z.array(sha256Schema),
  promptHash: sha256Schema,
  /** How it was drawn; null when nothing was sampled. */
  sample: traceSampleSchema.nullable(),
  /** Verbatim. */
  text: z.string(),
  reasoning: spanSchema.nullable(),
  steps: z.array(spanSchema),
  answer: answerSchema,
  finish: finishSchema,
  tokens: z.looseObject({ prompt: countSchema, completion: countSchema }),
  /** Sum over the completion's tokens, in nats. */
  logProb: z.number().max(0).optional(),
});

export type TraceSource = Known<z.infer<typeof traceSourceSchema>>;
export type TraceSample = Known<z.infer<typeof traceSampleSchema>>;
export type Finish = z.infer<typeof finishSchema>;
export type Trace = Known<z.infer<typeof traceSchema>>;
