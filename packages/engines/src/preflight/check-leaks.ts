import { sha256Hex } from "@mede2/schemas";
import { isPair, type PlanRow } from "../data/plan-rows.ts";
import type { Tally } from "./tally.ts";

/** What rows must not share across the line between learning and evaluation, by how bad it is. */
const shared = ["question", "patient", "case", "image"] as const;
type Shared = (typeof shared)[number];

/** Duplicates, and what is both learnt from and evaluated on. Rows come in any order. */
export function leakChecks(found: Tally): { row(row: PlanRow): void } {
  const texts = new Set<string>();
  const sides = new Map<string, "learnt" | "held out">();
  return {
    row(row) {
      const { record, place, learns } = row;
      const where = `${place.file}:${place.line}`;
      const answers = isPair(record) ? `${record.chosen.text}\0${record.rejected.text}` : record.trace.text;
      const key = sha256Hex(`${learns}\0${record.question.id}\0${answers}`);
      if (texts.has(key))
        found.add(
          "warning",
          "duplicate",
          `${where}: the same row stands earlier in the data`,
          "leave it out",
        );
      texts.add(key);
      const side = learns ? "learnt" : "held out";
      for (const [kind, value] of marksOf(row)) {
        const mark = `${kind} ${value}`;
        const before = sides.get(mark);
        if (before !== undefined && before !== side)
          found.add(
            kind === "question" ? "error" : "warning",
            `leak-${kind}`,
            `${where}: the ${kind} ${value.slice(0, 40)} is both learnt from and evaluated on`,
            "split the data by group (mede2 data split)",
          );
        else sides.set(mark, side);
      }
    },
  };
}

function* marksOf({ record: { question } }: PlanRow): Generator<readonly [Shared, string]> {
  yield ["question", question.id];
  const { patient, case: of } = question.group;
  if (patient !== undefined) yield ["patient", `${question.source}:${patient}`];
  if (of !== undefined) yield ["case", `${question.source}:${of}`];
  for (const { sha256 } of question.images) yield ["image", sha256];
}
