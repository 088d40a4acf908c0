import type { InspectScore } from "./log-schema.ts";

/** A score as a number, by Inspect's own table (`scorer/_metric.py`, `value_to_float`); null when it is none. */
export function scoreValue({ value }: InspectScore): number | null {
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value === "boolean") return value ? 1 : 0;
  const known = typeof value === "string" ? letters[value] : undefined;
  return known ?? null;
}

const letters: Readonly<Record<string, number>> = { C: 1, I: 0, P: 0.5, N: 0 };
