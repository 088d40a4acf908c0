import { z } from "zod";
import { candidatesSchema } from "./candidates.ts";
import { controlRequestSchema } from "./control-request.ts";
import { demonstrationSchema } from "./demonstration.ts";
import { evaluationRecordSchema } from "./evaluation-record.ts";
import { heartbeatSchema } from "./heartbeat.ts";
import { passageSchema } from "./passage.ts";
import { planSchema } from "./plan.ts";
import { preferencePairSchema } from "./preference-pair.ts";
import { questionSchema } from "./question.ts";
import { ratedAnswerSchema } from "./rated-answer.ts";
import { ratingSchema } from "./rating.ts";
import { runEventSchema } from "./run-event.ts";
import { runManifestSchema } from "./run-manifest.ts";
import { traceSchema } from "./trace.ts";
import { verdictSchema } from "./verdict.ts";

/** Every record by the name that stands in its `record`. */
export const recordSchemas = {
  question: questionSchema,
  trace: traceSchema,
  demonstration: demonstrationSchema,
  passage: passageSchema,
  rating: ratingSchema,
  candidates: candidatesSchema,
  "preference-pair": preferencePairSchema,
  "rated-answer": ratedAnswerSchema,
  verdict: verdictSchema,
  "evaluation-record": evaluationRecordSchema,
  plan: planSchema,
  "run-manifest": runManifestSchema,
  "run-event": runEventSchema,
  "control-request": controlRequestSchema,
  heartbeat: heartbeatSchema,
} as const;

export type RecordName = keyof typeof recordSchemas;

/** The endings of file names, and the record that stands on their lines. */
export const recordFiles: Readonly<Record<string, RecordName>> = {
  ".questions.jsonl": "question",
  ".demonstrations.jsonl": "demonstration",
  ".candidates.jsonl": "candidates",
  ".pairs.jsonl": "preference-pair",
  ".rated.jsonl": "rated-answer",
  ".verdicts.jsonl": "verdict",
  ".evaluation.jsonl": "evaluation-record",
  ".trace.jsonl": "trace",
  ".plan.json": "plan",
};

/** The record that a file holds, judged by the ending of its name; undefined for other files. */
export function recordNameOfFile(path: string): RecordName | undefined {
  return Object.entries(recordFiles).find(([ending]) => path.endsWith(ending))?.[1];
}

/** JSON Schema (draft 7, which editors read best) of every record, for completion and for checks in other languages. */
export function jsonSchemas(): Record<RecordName, object> {
  const entries = Object.entries(recordSchemas).map(([name, schema]) => [
    name,
    z.toJSONSchema(schema, { target: "draft-7", io: "input", reused: "ref" }),
  ]);
  return Object.fromEntries(entries) as Record<RecordName, object>;
}
