import type { Question } from "@mede2/schemas";
import { hash53 } from "../text/hash.ts";
import { createHashMap } from "../text/hash-set.ts";

/** What two splits of one file have in common. */
export interface SplitOverlap {
  of: "pictures" | "patients" | "cases";
  splits: [string, string];
  shared: number;
  /** Distinct ones in each split. */
  counts: [number, number];
}

const kinds = ["pictures", "patients", "cases"] as const;

/**
 * Counts pictures (by sha256), patients and cases that several splits share. Some 25 bytes for each distinct one; at most 31 splits, of which later ones
 * are counted together.
 */
export function splitOverlapCounter() {
  const splits = new Map<string, number>();
  const seen = createHashMap();
  /** For each kind, how many things have exactly this set of splits (bits). */
  const sets = {
    pictures: new Map<number, number>(),
    patients: new Map<number, number>(),
    cases: new Map<number, number>(),
  };
  const note = (of: (typeof kinds)[number], key: string, bit: number): void => {
    const hash = hash53(`${of}\u0000${key}`);
    const before = Math.max(0, seen.get(hash));
    const after = before | bit;
    if (after === before) return;
    seen.set(hash, after);
    const counts = sets[of];
    if (before > 0) counts.set(before, counts.get(before)! - 1);
    counts.set(after, (counts.get(after) ?? 0) + 1);
  };
  return {
    add({ split, source, images, group }: Question): void {
      if (!splits.has(split)) splits.set(split, Math.min(30, splits.size));
      const bit = 1 << splits.get(split)!;
      for (const { sha256 } of images) note("pictures", sha256, bit);
      if (group.patient !== undefined) note("patients", `${source}\u0000${group.patient}`, bit);
      if (group.case !== undefined) note("cases", `${source}\u0000${group.case}`, bit);
    },
    result(): SplitOverlap[] {
      const names = [...splits];
      const found: SplitOverlap[] = [];
      for (const of of kinds)
        for (const [i, [a, bitA]] of names.entries())
          for (const [b, bitB] of names.slice(i + 1)) {
            const count = (mask: number) =>
              [...sets[of]].reduce((sum, [set, n]) => sum + ((set & mask) === mask ? n : 0), 0);
            const shared = count((1 << bitA) | (1 << bitB));
            if (shared > 0 && bitA !== bitB)
              found.push({ of, splits: [a, b], shared, counts: [count(1 << bitA), count(1 << bitB)] });
          }
      return found;
    },
  };
}

/** The overlap in one sentence. */
export function overlapSentence({ of, splits: [a, b], shared, counts: [inA, inB] }: SplitOverlap): string {
  const all = (name: string) => `All ${shared} ${of} of ${name}`;
  if (shared === inB) return `${all(b)} are in ${a} too.`;
  if (shared === inA) return `${all(a)} are in ${b} too.`;
  return `${shared} ${of} are in both ${a} (of ${inA}) and ${b} (of ${inB}).`;
}
