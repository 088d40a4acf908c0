import { z } from "zod";
import { controlNameSchema } from "./control-request.ts";
import {
  countSchema,
  fractionSchema,
  header,
  isoTimeSchema,
  jsonValueSchema,
  nameSchema,
  nonFiniteSchema,
  positiveSchema,
  sha256Schema,
} from "./fields.ts";
import type { Known } from "./known.ts";

/**
 * What stands on every line of `events.jsonl`. `seq` counts from 0 without gaps within an attempt; `run-started` begins an attempt.
 * A number that is not finite is left out and its key stands in `nonFinite`.
 */
const base = {
  ...header("run-event"),
  seq: countSchema,
  ts: isoTimeSchema,
  nonFinite: nonFiniteSchema.optional(),
};

const number = z.number().optional();
const rewardsSchema = z.looseObject({
  chosen: number,
  rejected: number,
  margin: number,
  accuracy: fractionSchema.optional(),
});
const logProbsSchema = z.looseObject({ chosen: number, rejected: number });
const observationSchema = z.union([z.number(), z.string()], { error: "expected a number or a text" });

/** Any event, of a known type or not: readers of older versions skip the types that they don't know. */
export const anyEventSchema = z.looseObject({ ...base, type: nameSchema });

/**
 * One optimiser step. `loss` may be missing only when `nonFinite` lists it. `tokens` and `supervisedTokens` are those of this step,
 * `seconds` its duration, `rewards` are β times the log-ratios to the reference, `logProbs` are sums in nats per answer.
 */
const stepEndSchema = z
  .looseObject({
    ...base,
    type: z.literal("step-end"),
    step: countSchema,
    epoch: z.number().min(0).optional(),
    loss: number,
    learningRate: number,
    gradientNorm: number,
    tokens: countSchema.optional(),
    supervisedTokens: countSchema.optional(),
    seconds: z.number().min(0).optional(),
    memoryBytes: countSchema.optional(),
    rewards: rewardsSchema.optional(),
    logProbs: logProbsSchema.optional(),
    kl: number,
  })
  .superRefine((event, context) => {
    if (event.loss === undefined && !event.nonFinite?.includes("loss"))
      context.addIssue({
        code: "custom",
        path: ["loss"],
        message: "expected a number, or loss listed in nonFinite",
      });
  });

export const runEventSchema = z.discriminatedUnion("type", [
  z.looseObject({
    ...base,
    type: z.literal("run-started"),
    attempt: positiveSchema,
    pid: positiveSchema,
    bootId: nameSchema,
    host: nameSchema,
    fromCheckpoint: nameSchema.optional(),
  }),
  z.looseObject({
    ...base,
    type: z.literal("progress"),
    done: z.number().min(0),
    total: z.number().min(0),
    unit: nameSchema,
  }),
  stepEndSchema,
  z.looseObject({
    ...base,
    type: z.literal("evaluation-end"),
    step: countSchema,
    task: nameSchema,
    metrics: z.record(nameSchema, z.number()),
  }),
  z.looseObject({
    ...base,
    type: z.literal("trace-written"),
    /** Relative to the run folder; `offset` and `length` are bytes of the record's line. */
    file: nameSchema,
    offset: countSchema,
    length: positiveSchema,
    id: nameSchema,
    step: countSchema.optional(),
  }),
  z.looseObject({
    ...base,
    type: z.literal("checkpoint-saved"),
    step: countSchema,
    /** Relative to the run folder. */
    path: nameSchema,
    bytes: countSchema,
    sha256: sha256Schema,
  }),
  z.looseObject({
    ...base,
    type: z.literal("control-acknowledged"),
    id: nameSchema,
    request: controlNameSchema,
    outcome: z.enum(["done", "refused"]),
    reason: z.string().optional(),
  }),
  z.looseObject({
    ...base,
    type: z.literal("invariant-broken"),
    name: nameSchema,
    expected: observationSchema.optional(),
    actual: observationSchema.optional(),
    cause: nameSchema,
  }),
  z.looseObject({ ...base, type: z.literal("warning"), code: nameSchema, message: nameSchema }),
  z.looseObject({ ...base, type: z.literal("run-paused") }),
  z.looseObject({ ...base, type: z.literal("run-resumed") }),
  z.looseObject({ ...base, type: z.literal("run-stopped") }),
  z.looseObject({
    ...base,
    type: z.literal("run-failed"),
    code: nameSchema,
    message: nameSchema,
    next: nameSchema,
  }),
  z.looseObject({ ...base, type: z.literal("run-finished"), summary: z.record(nameSchema, jsonValueSchema) }),
]);

export type AnyEvent = Known<z.infer<typeof anyEventSchema>>;
export type RunEvent = Known<z.infer<typeof runEventSchema>>;
export type RunEventType = RunEvent["type"];
/** The event of one type: `EventOf<"step-end">`. */
export type EventOf<Type extends RunEventType> = Extract<RunEvent, { type: Type }>;

type WithoutHeader<Event> = Event extends unknown
  ? Omit<Event, "record" | "v" | "seq" | "ts" | "nonFinite">
  : never;
/** What a writer of events hands in: the rest (`record`, `v`, `seq`, `ts`, `nonFinite`) is the event log's own business. */
export type RunEventBody = WithoutHeader<RunEvent>;
