import type { Trace } from "@mede2/schemas";

/** A trace of the candidates with what pairing needs to know of it. */
export interface Side {
  trace: Trace;
  right: boolean;
  /** What it was made by and from, when it was constructed as a negative: see `constructedFrom`. */
  constructed: { kind: string; from: string } | null;
}

/** A way in which a rejected answer is worse. */
export interface NegativeKind {
  about: string;
  /** Whether the pair is of this kind. */
  fits(chosen: Side, rejected: Side): boolean;
}

/**
 * The kinds, of which the first that fits names the pair. Constructed negatives need no row of their own: a trace with a `negative` key
 * `{kind, from}` pairs with the trace it was made from, under the name of its kind.
 */
export const negativeKinds: Readonly<Record<string, NegativeKind>> = {
  "wrong-answer": {
    about: "sampled, and the answer is wrong or missing",
    fits: (chosen, rejected) => chosen.right && !rejected.right,
  },
  "right-answer-poor-reasoning": {
    about: "sampled, and the answer is right too",
    fits: (chosen, rejected) => chosen.right && rejected.right,
  },
};

/** The kind of a pair, or null when the two may not be paired. */
export function negativeKindOf(chosen: Side, rejected: Side): string | null {
  if (chosen.constructed !== null) return null;
  if (rejected.constructed !== null)
    return rejected.constructed.from === chosen.trace.id ? rejected.constructed.kind : null;
  return Object.entries(negativeKinds).find(([, kind]) => kind.fits(chosen, rejected))?.[0] ?? null;
}

/** Reads the `negative` key that constructors of negatives put on a trace. */
export function constructedFrom(trace: Trace): { kind: string; from: string } | null {
  const { negative } = trace as Trace & { negative?: unknown };
  if (typeof negative !== "object" || negative === null) return null;
  const { kind, from } = negative as { kind?: unknown; from?: unknown };
  return typeof kind === "string" && typeof from === "string" ? { kind, from } : null;
}
