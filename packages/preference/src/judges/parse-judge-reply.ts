import type { Span, Trace } from "@mede2/schemas";
import { z } from "zod";

/** What a judge says of one criterion: an anchor with the spans that it quotes, or why there is none. */
export type JudgeScore = { anchor: 0 | 1 | 2; spans: Span[] } | { unscored: string };

const entrySchema = z.object({
  anchor: z.union([z.literal(0), z.literal(1), z.literal(2), z.null()]),
  evidence: z.array(z.string()).max(50).default([]),
});

const mostSpans = 6;

/**
 * Reads a judge's reply: one JSON object, bare, in a fence, or with words around it. Only the criteria that were asked for are read; an anchor is 0, 1, 2 or null
 * (abstained); a 1 or 2 needs a quote that stands in the trace, and so does a 0 that quotes at all. Whatever else the reply holds is not looked at: it can
 * never add a score. Never throws; linear in the reply's length.
 */
export function parseJudgeReply(
  reply: string,
  criteria: readonly string[],
  trace: Pick<Trace, "text">,
): Record<string, JudgeScore> {
  const json = firstObject(reply);
  const all = (reason: string) => Object.fromEntries(criteria.map((name) => [name, { unscored: reason }]));
  if (json === null) return all("judge-unparsed");
  return Object.fromEntries(
    criteria.map((name): [string, JudgeScore] => {
      if (!Object.hasOwn(json, name)) return [name, { unscored: "judge-left-out" }];
      const { data } = entrySchema.safeParse(json[name]);
      if (data === undefined) return [name, { unscored: "judge-outside-the-scale" }];
      if (data.anchor === null) return [name, { unscored: "judge-abstained" }];
      const quotes = data.evidence.filter((quote) => quote.trim() !== "");
      const spans = quotes.slice(0, mostSpans).flatMap((quote) => findQuote(trace.text, quote) ?? []);
      if (spans.length === 0 && (data.anchor > 0 || quotes.length > 0))
        return [name, { unscored: "judge-evidence-not-found" }];
      return [name, { anchor: data.anchor, spans }];
    }),
  );
}

/** The first `{…}` that is a JSON object. Tries at most a few places, each once over the text. */
function firstObject(reply: string): Record<string, unknown> | null {
  const text = reply.slice(0, 200_000);
  const after = text.lastIndexOf("</think>");
  let from = Math.max(after, 0);
  for (let tries = 0; tries < 8; tries++) {
    const start = text.indexOf("{", from);
    if (start < 0) return null;
    const end = closing(text, start);
    if (end < 0) return null;
    try {
      const value: unknown = JSON.parse(text.slice(start, end));
      if (typeof value === "object" && value !== null && !Array.isArray(value))
        return value as Record<string, unknown>;
    } catch {
      // no JSON here: the next brace may begin it
    }
    from = end;
  }
  return null;
}

/** The end of the object that begins at `start`, by its braces outside strings; -1 without one. */
function closing(text: string, start: number): number {
  let [depth, inString] = [0, false];
  for (let at = start; at < text.length; at++) {
    const sign = text[at];
    if (inString) {
      if (sign === "\\") at += 1;
      else if (sign === '"') inString = false;
    } else if (sign === '"') inString = true;
    else if (sign === "{") depth += 1;
    else if (sign === "}" && --depth === 0) return at + 1;
  }
  return -1;
}

/** A quote in the text, white space and quotation marks aside; undefined when it does not stand there. */
function findQuote(text: string, quote: string): Span | undefined {
  const wanted = quote
    .trim()
    .slice(0, 1000)
    .replace(/^["'“”]+|["'“”.…]+$/g, "");
  if (wanted.length < 3) return undefined;
  const exact = text.indexOf(wanted);
  if (exact >= 0) return spanAt(text, exact, exact + wanted.length);
  // white space as it comes: compared without any, with the way back
  const [plain, places] = squeezed(text);
  const [needle] = squeezed(wanted);
  const at = needle === "" ? -1 : plain.indexOf(needle);
  return at < 0 ? undefined : spanAt(text, places[at]!, places[at + needle.length - 1]! + 1);
}

const spanAt = (text: string, start: number, end: number): Span => ({
  field: "text",
  start,
  end,
  quote: text.slice(start, end),
});

function squeezed(text: string): [string, number[]] {
  const places: number[] = [];
  let plain = "";
  for (let at = 0; at < text.length; at++) {
    if (/\s/.test(text[at]!)) continue;
    plain += text[at]!.toLowerCase();
    while (places.length < plain.length) places.push(at); // a letter may get longer in lower case
  }
  return [plain, places];
}
