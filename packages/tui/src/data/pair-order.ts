import type { Verdict } from "@mede2/schemas";
import type { OpenRecord, ReadTrace } from "./trace-sources.ts";

/** Which answer of a pair stands first. Seen, it is the chosen one; blind, the pair's own id decides, so that it is the same whenever it is opened. */
export function orderOf(pairId: string, blind: boolean): Verdict["order"] {
  if (!blind) return "chosen-first";
  let hash = 2166136261; // FNV-1a
  for (let index = 0; index < pairId.length; index++)
    hash = Math.imul(hash ^ pairId.charCodeAt(index), 16777619);
  return ((hash >>> 16) & 1) === 0 ? "chosen-first" : "rejected-first";
}

/** The answers in the order in which they are shown. */
export function answersInOrder({ pair, answers }: OpenRecord, blind: boolean): readonly ReadTrace[] {
  return pair !== undefined && orderOf(pair.id, blind) === "rejected-first"
    ? [...answers].reverse()
    : answers;
}
