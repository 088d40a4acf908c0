import { resolveSpan, type Span } from "@mede2/schemas";
import type { Block, Piece } from "../protocol/case-view.ts";
import { visible } from "./visible-text.ts";

/** A span of `text` and what points at it. */
export interface Mark {
  readonly name: string;
  readonly span: Span;
}

/** Longer answers are cut here: no model writes so much, and a browser would suffer. */
export const mostCharacters = 200_000;

interface Place {
  readonly start: number;
  readonly end: number;
  readonly name: string;
}

/**
 * Cuts a text at its steps, and each stretch at the edges of its marks. Every character up to the limit stands in exactly one piece. Steps that
 * overlap an earlier one are shortened; spans whose quote is not in the text are left out (and counted by who shows them).
 */
export function cutBlocks(
  text: string,
  steps: readonly Span[],
  marks: readonly Mark[],
): { blocks: Block[]; omitted: number } {
  const end = Math.min(text.length, mostCharacters);
  const places = marks.flatMap(({ name, span }) => {
    const place = placeOf(text, span);
    return place === undefined ? [] : [{ ...place, name }];
  });
  const blocks: Block[] = [];
  let at = 0;
  let number = 0;
  const stepPlaces = steps
    .map((span) => placeOf(text, span))
    .filter((place) => place !== undefined)
    .sort((a, b) => a.start - b.start);
  for (const step of stepPlaces) {
    const [from, to] = [Math.max(at, step.start), Math.min(end, step.end)];
    if (to <= from) continue;
    if (from > at) blocks.push({ kind: "text", pieces: cutPieces(text, at, from, places) });
    number += 1;
    blocks.push({ kind: "step", number, pieces: cutPieces(text, from, to, places) });
    at = to;
  }
  if (at < end) blocks.push({ kind: "text", pieces: cutPieces(text, at, end, places) });
  return { blocks, omitted: text.length - end };
}

/** Where a span of the field `text` lies. */
export function placeOf(text: string, span: Span): { start: number; end: number } | undefined {
  if (span.field !== "text" || span.quote === "") return undefined;
  const found = resolveSpan({ text }, span);
  return found.found ? { start: found.start, end: found.end } : undefined;
}

function cutPieces(text: string, from: number, to: number, places: readonly Place[]): Piece[] {
  const inside = places.filter(({ start, end }) => start < to && end > from);
  const edges = new Set([from, to]);
  for (const { start, end } of inside) {
    if (start > from) edges.add(start);
    if (end < to) edges.add(end);
  }
  const sorted = [...edges].sort((a, b) => a - b);
  return sorted.slice(1).map((end, index) => {
    const start = sorted[index]!;
    const names = inside.filter((place) => place.start <= start && place.end >= end).map(({ name }) => name);
    return { text: visible(text.slice(start, end)), marks: [...new Set(names)] };
  });
}
