import type { EventOf } from "@mede2/schemas";

const numbers = ["loss", "learningRate", "gradientNorm", "kl"] as const;
const counts = ["tokens", "supervisedTokens", "memoryBytes"] as const;
const nested = ["rewards", "logProbs"] as const;

/**
 * Whether a parsed line is a step-end event as the schema wants it. It says yes only to what the schema accepts as it stands; what it does not
 * know is left to the schema. Nearly all lines of a long run are of this kind, and the schema takes ten times as long.
 */
export function isPlainStep(value: unknown): value is EventOf<"step-end"> {
  if (typeof value !== "object" || value === null) return false;
  const event = value as Record<string, unknown>;
  if (event.type !== "step-end" || event.record !== "run-event" || event.v !== 1) return false;
  if (!isCount(event.seq) || !isCount(event.step) || !isTime(event.ts) || event.nonFinite !== undefined)
    return false;
  if (typeof event.loss !== "number") return false;
  for (const key of numbers) if (event[key] !== undefined && typeof event[key] !== "number") return false;
  for (const key of counts) if (event[key] !== undefined && !isCount(event[key])) return false;
  if (!isPositive(event.seconds) || !isPositive(event.epoch)) return false;
  for (const key of nested) {
    const part = event[key];
    if (part === undefined) continue;
    if (typeof part !== "object" || part === null || Array.isArray(part)) return false;
    for (const each of Object.values(part)) if (typeof each !== "number") return false;
    const accuracy = (part as Record<string, number>).accuracy;
    if (accuracy !== undefined && !(accuracy >= 0 && accuracy <= 1)) return false;
  }
  return true;
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const isPositive = (value: unknown): boolean =>
  value === undefined || (typeof value === "number" && value >= 0);

const easyTime =
  /^2\d\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;

/** ISO 8601 in UTC with milliseconds; of the last days of a month only those that there are. */
function isTime(value: unknown): boolean {
  if (typeof value !== "string") return false;
  if (easyTime.test(value)) return true;
  const time = Date.parse(value);
  return !Number.isNaN(time) && new Date(time).toISOString() === value;
}
