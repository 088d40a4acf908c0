import type { EvaluationRecord, Group } from "@mede2/schemas";

/** The score of a record, 0–1; null when it is excluded. */
export function scoreOf({ outcome }: EvaluationRecord): number | null {
  if ("correct" in outcome) return outcome.correct ? 1 : 0;
  return "score" in outcome ? outcome.score : null;
}

/** What is not independent: a field of the record's group, or a function; null for every question alone. */
export type ClusterSetting = keyof Group | "auto" | ((record: EvaluationRecord) => string) | null;

/** "auto" takes the widest group that the record names: patient, case, image, stem, or the question itself. */
export function clusterOf(record: EvaluationRecord, cluster: ClusterSetting): string {
  if (cluster === null) return record.questionId;
  if (typeof cluster === "function") return cluster(record);
  const { group, questionId } = record;
  if (cluster !== "auto") return group[cluster] ?? questionId;
  return group.patient ?? group.case ?? group.image ?? group.stem ?? questionId;
}
