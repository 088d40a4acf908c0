import type { ImageCondition } from "@mede2/schemas";
import { blindSolvable } from "../auditing/image-audit.ts";
import { subsetAccuracy } from "../auditing/subset-accuracy.ts";
import { conditionScores, type EvaluationScores } from "../comparing/evaluation-scores.ts";
import type { ReportSubset } from "./report.ts";

const blind: readonly ImageCondition[] = ["none", "options-only"];

/**
 * Parts of the questions that a reader should see apart: those that an audit found in training data and the rest; and, where at least two evaluations were blind, those that two of them answered right and the
 * rest, which needs the image. Blind answers are right by chance too, so the rest is a little harder than it should be.
 */
export function subsetsOf(
  evaluations: readonly { label: string; scores: EvaluationScores }[],
  images: ImageCondition,
  flagged?: ReadonlySet<string>,
): ReportSubset[] {
  const parts: { name: ReportSubset["name"]; holds: (id: string) => boolean }[] = [];
  if (flagged !== undefined)
    parts.push(
      { name: "clean", holds: (id) => !flagged.has(id) },
      { name: "flagged", holds: (id) => flagged.has(id) },
    );
  const blindRuns = evaluations.flatMap(({ scores }) =>
    blind.filter((condition) => conditionScores(scores, condition).scores.size > 0),
  );
  if (blindRuns.length >= 2 && !blind.includes(images)) {
    const solvable = blindSolvable(evaluations.map(({ scores }) => scores));
    parts.push(
      { name: "needs-image", holds: (id) => !solvable.has(id) },
      { name: "blind-solvable", holds: (id) => solvable.has(id) },
    );
  }
  return parts.map(({ name, holds }) => ({
    name,
    accuracy: evaluations.map(({ label, scores }) => ({
      name: label,
      share: subsetAccuracy(scores, holds, { images }),
    })),
  }));
}
