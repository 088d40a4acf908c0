import { z } from "zod";
import { countSchema, nameSchema } from "./fields.ts";
import type { Known } from "./known.ts";

/**
 * A piece of a text field: `[start, end)` in UTF-16 code units, and the text itself. When they disagree, the quote wins.
 * `field` is the dotted path of the text in the record that the span speaks of, such as `text` or `question.options.1`.
 */
export const spanSchema = z.looseObject({
  field: nameSchema,
  start: countSchema,
  end: countSchema,
  quote: z.string(),
});

export type Span = Known<z.infer<typeof spanSchema>>;

/** Where a span lies. `moved` says that the quote was found elsewhere than at `start`. */
export type ResolvedSpan =
  | { found: true; start: number; end: number; moved: boolean }
  | { found: false; reason: "no-such-text" | "quote-not-found" };

/** The span of `record[field]` from `start` to `end`. Throws a RangeError when the field is no text or the range leaves it. */
export function spanOf(record: object, field: string, start: number, end: number): Span {
  const text = textAt(record, field);
  if (text === undefined) throw new RangeError(`${field} is not a text field of the record`);
  if (!(start >= 0 && start <= end && end <= text.length))
    throw new RangeError(
      `the span ${start}–${end} leaves ${field}, which has ${text.length} UTF-16 code units`,
    );
  return { field, start, end, quote: text.slice(start, end) };
}

/** Finds a span in its record. A quote that is not at `start` is looked for, and its occurrence nearest to `start` is taken. */
export function resolveSpan(record: object, span: Span): ResolvedSpan {
  const text = textAt(record, span.field);
  if (text === undefined) return { found: false, reason: "no-such-text" };
  const { start, quote } = span;
  if (start <= text.length && text.startsWith(quote, start))
    return { found: true, start, end: start + quote.length, moved: span.end !== start + quote.length };
  const before = text.lastIndexOf(quote, start);
  const after = text.indexOf(quote, start);
  if (before < 0 && after < 0) return { found: false, reason: "quote-not-found" };
  const nearest = before < 0 || (after >= 0 && after - start < start - before) ? after : before;
  return { found: true, start: nearest, end: nearest + quote.length, moved: true };
}

function textAt(record: object, field: string): string | undefined {
  let value: unknown = record;
  for (const key of field.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return typeof value === "string" ? value : undefined;
}
