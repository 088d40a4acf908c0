import type { Span } from "@mede2/schemas";
import { type Range, traceParts } from "./trace-parts.ts";

/** The reasoning of a trace and its steps, one a sentence or line, without white space around; both empty without reasoning. */
export function segmentTrace(text: string): { reasoning: Span | null; steps: Span[] } {
  const { reasoning } = traceParts(text);
  if (reasoning === null) return { reasoning: null, steps: [] };
  const inner = trimmed(text, reasoning);
  return {
    reasoning: spanOf(text, inner),
    steps: sentences(text, inner).map((range) => spanOf(text, range)),
  };
}

/** Sentences and lines of `text[start, end)`, in order, without white space around. Linear in its length. */
export function sentences(text: string, { start, end }: Range = { start: 0, end: text.length }): Range[] {
  const found: Range[] = [];
  let from = start;
  const cut = (at: number) => {
    const range = trimmed(text, { start: from, end: at });
    if (range.end > range.start) found.push(range);
    from = at;
  };
  for (let at = start; at < end; at++) {
    const unit = text[at]!;
    if (unit === "\n" || unit === "\r") cut(at);
    else if ("。！？".includes(unit)) cut(at + 1);
    else if (".!?".includes(unit) && endsSentence(text, from, at, end)) cut(closersEnd(text, at + 1, end));
  }
  cut(end);
  return found;
}

/** A stop ends a sentence before white space, unless it belongs to an abbreviation, an initial or a list number. */
function endsSentence(text: string, from: number, at: number, end: number): boolean {
  const after = text[closersEnd(text, at + 1, end)];
  if (after !== undefined && at + 1 < end && !/\s/.test(after)) return false;
  if (text[at] !== ".") return true;
  const word = /\S*$/
    .exec(text.slice(Math.max(from, at - 14), at))![0]
    .replace(/^[("'[]+/, "")
    .toLowerCase();
  if (abbreviations.has(word) || /^(?:[a-z]\.)+[a-z]$/.test(word)) return false;
  return !(/^(?:\d{1,3}|[a-z])$/.test(word) && text.slice(from, at).trim().length <= 4);
}

function closersEnd(text: string, at: number, end: number): number {
  let to = at;
  while (to < end && to < at + 4 && ")]\"'”’*_".includes(text[to]!)) to++;
  return to;
}

const abbreviations = new Set([
  "dr",
  "mr",
  "mrs",
  "ms",
  "vs",
  "e.g",
  "i.e",
  "eg",
  "cf",
  "fig",
  "figs",
  "no",
  "approx",
  "ca",
  "st",
  "et al",
  "al",
  "resp",
  "sp",
  "spp",
]);

function trimmed(text: string, { start, end }: Range): Range {
  let [from, to] = [start, end];
  while (from < to && /\s/.test(text[from]!)) from++;
  while (to > from && /\s/.test(text[to - 1]!)) to--;
  return { start: from, end: to };
}

function spanOf(text: string, { start, end }: Range): Span {
  return { field: "text", start, end, quote: text.slice(start, end) };
}
