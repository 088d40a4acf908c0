import type { PreferencePair, Verdict } from "@mede2/schemas";
import { type Interval, wilson } from "@mede2/stats";
import { familyOf } from "../family-of.ts";

/** A bias as a distance from none: the interval of a share, less a half. 0 is unbiased, ±0.5 total. */
export type Bias = Interval & { n: number };

function lean(count: number, n: number): Bias | null {
  if (n === 0) return null;
  const { value, low, high } = wilson(count, n);
  return { value: value - 0.5, low: low - 0.5, high: high - 0.5, n };
}

/** Marks of style that carry no medicine: headings, lists, bold, tables, emoji. */
export function styleMarks(text: string): number {
  return (
    (text.match(/^#{1,6} |^[ \t]{0,12}(?:[-*•]|\d{1,2}[.)]) |\*\*|^\|/gm) ?? []).length +
    (text.match(/\p{Extended_Pictographic}/gu) ?? []).length
  );
}

/** Counts over pairs: whether the chosen side is longer, has more marks of style, or is of the judge's own family, where the sides differ. */
export function biasCounter(): { add(pair: PreferencePair): void; result(): Record<string, Bias> } {
  const counts = { length: [0, 0], style: [0, 0], family: [0, 0] } as Record<
    "length" | "style" | "family",
    [number, number]
  >;
  const count = (name: keyof typeof counts, chosen: number, rejected: number) => {
    if (chosen === rejected) return;
    counts[name][1] += 1;
    if (chosen > rejected) counts[name][0] += 1;
  };
  return {
    add({ chosen, rejected, ratings }) {
      count("length", chosen.text.length, rejected.text.length);
      count("style", styleMarks(chosen.text), styleMarks(rejected.text));
      const judges = new Set((ratings.chosen.scorer.judges ?? []).map(familyOf));
      if (judges.size > 0)
        count(
          "family",
          judges.has(familyOf(chosen.by.name)) ? 1 : 0,
          judges.has(familyOf(rejected.by.name)) ? 1 : 0,
        );
    },
    result: () =>
      Object.fromEntries(
        Object.entries(counts).flatMap(([name, [more, n]]): [string, Bias][] => {
          const bias = lean(more, n);
          return bias === null ? [] : [[name, bias]];
        }),
      ),
  };
}

/** How often the first place is preferred, among verdicts that prefer one. */
export function positionBias(verdicts: readonly Verdict[]): Bias | null {
  const decided = verdicts.filter(({ choice }) => choice === "first" || choice === "second");
  return lean(decided.filter(({ choice }) => choice === "first").length, decided.length);
}
