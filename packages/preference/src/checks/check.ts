import type { Span } from "@mede2/schemas";
import type { z } from "zod";
import type { TraceContext } from "../trace-context.ts";

/** What a check says: a value from 0 (fails) to 1 (holds) with the text that it rests on, or why it has nothing to say. */
export type CheckResult =
  | { value: number; spans: readonly Span[]; reason?: string }
  | { notApplicable: string };

/** A deterministic check of a trace, used as a gate or as a part of a criterion. Settings come from the rubric. */
export interface TraceCheck<Settings extends z.ZodType = z.ZodType> {
  about: string;
  settings: Settings;
  run(context: TraceContext, settings: z.infer<Settings>): CheckResult;
}

/** Keeps the type of the settings while a table of checks forgets it. */
export function traceCheck<Settings extends z.ZodType>(check: TraceCheck<Settings>): TraceCheck {
  return check as unknown as TraceCheck;
}

export const holds: CheckResult = { value: 1, spans: [] };

export function fails(reason: string, spans: readonly Span[] = []): CheckResult {
  return { value: 0, spans, reason };
}
