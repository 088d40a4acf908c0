import { z } from "zod";
import { isotonicFit } from "./isotonic.ts";

/** A rising map as data. */
export const mapSchema = z
  .strictObject({ x: z.array(z.number()).min(1), y: z.array(z.number().min(0).max(1)).min(1) })
  .refine(({ x, y }) => x.length === y.length, "expected x and y of one length")
  .refine(({ x }) => x.every((at, index) => index === 0 || at > x[index - 1]!), "expected rising x");

/** What is known of how scores relate to people's judgement. Written by `pairs audit`, read by `pairs score` and `pairs build`. */
export const calibrationSchema = z.strictObject({
  name: z.string().min(1),
  /** Judge → criterion → anchor (0, 1, 2) to the value that people gave. */
  judges: z.record(z.string(), z.record(z.string(), mapSchema)).default({}),
  /** A pair's margin → the share of people who chose as the pair does. */
  margin: mapSchema.optional(),
  /** How many labels and verdicts it rests on. */
  labels: z.int().min(0),
});

export type Calibration = z.infer<typeof calibrationSchema>;

/** A case that a person has rated on a criterion, and the anchor that a judge gave it. */
export interface LabelledAnchor {
  judge: string;
  criterion: string;
  anchor: 0 | 1 | 2;
  /** The person's value, 0–1. */
  label: number;
}

/** Fewest labels of one judge and criterion that are worth a map. */
const fewest = 20;

/** Isotonic maps for each judge and criterion that has at least 20 labels; the others keep anchor / 2. */
export function calibrateJudges(labelled: readonly LabelledAnchor[]): Calibration["judges"] {
  const groups = new Map<string, LabelledAnchor[]>();
  for (const one of labelled) {
    const key = JSON.stringify([one.judge, one.criterion]);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  const maps: Calibration["judges"] = {};
  for (const [key, group] of groups) {
    if (group.length < fewest) continue;
    const [judge, criterion] = JSON.parse(key) as [string, string];
    maps[judge] ??= {};
    maps[judge][criterion] = isotonicFit(
      group.map(({ anchor, label }) => ({ score: anchor, outcome: label })),
    );
  }
  return maps;
}
