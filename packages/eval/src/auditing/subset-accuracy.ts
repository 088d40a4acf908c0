import type { ImageCondition } from "@mede2/schemas";
import { conditionScores, type Scored, scoresOf } from "../comparing/evaluation-scores.ts";
import type { ClusterSetting } from "../grading/score-of.ts";
import { type AuditShare, shareOf } from "./image-audit.ts";

/** Accuracy on the questions for which `holds`, with its 95 % interval; null where none of them has a score. */
export function subsetAccuracy(
  scored: Scored,
  holds: (questionId: string) => boolean,
  { images = "real", cluster = "auto" }: { images?: ImageCondition; cluster?: ClusterSetting } = {},
): AuditShare | null {
  const rows = [...conditionScores(scoresOf(scored, cluster), images).scores].flatMap(
    ([questionId, { score, cluster: own }]) => (holds(questionId) ? [{ value: score, cluster: own }] : []),
  );
  return rows.length === 0 ? null : shareOf(rows);
}
