import type { Span } from "@mede2/schemas";

/** A link of a chain that somebody could check: true of the case, false, or not there. */
export interface LinkResult {
  name: string;
  status: "right" | "wrong" | "absent";
  reason?: string | undefined;
  spans?: readonly Span[] | undefined;
}

/**
 * The links of a checker's result: every key that says "right", "wrong" or "absent", the booleans named in `holds` (true is right) and
 * those named in `breaks` (true is wrong).
 */
export function linkResults(
  result: object,
  booleans: { holds?: readonly string[]; breaks?: readonly string[] } = {},
): LinkResult[] {
  const values = result as Record<string, unknown>;
  const stated = Object.entries(values).flatMap(([name, status]): LinkResult[] =>
    status === "right" || status === "wrong" || status === "absent" ? [{ name, status }] : [],
  );
  const told = (names: readonly string[] | undefined, good: boolean): LinkResult[] =>
    (names ?? []).flatMap((name): LinkResult[] =>
      typeof values[name] === "boolean" ? [{ name, status: values[name] === good ? "right" : "wrong" }] : [],
    );
  return [...stated, ...told(booleans.holds, true), ...told(booleans.breaks, false)];
}
