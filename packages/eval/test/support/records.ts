import type { EvaluationRecord, ImageCondition } from "@mede2/schemas";

/** A record of an answer, right or wrong. */
export function recordOf(
  id: number | string,
  correct: boolean | null,
  more: Partial<EvaluationRecord> & { images?: ImageCondition } = {},
): EvaluationRecord {
  return {
    record: "evaluation-record",
    v: 1,
    questionId: `q:${id}`,
    task: "test",
    protocol: "reason",
    model: { name: "m" },
    stage: "base",
    images: "real",
    sample: 0,
    traceId: "0".repeat(16),
    answer:
      correct === null
        ? { status: "error", rule: "finish", span: null }
        : { status: "found", labels: ["A"], rule: "boxed", span: null },
    outcome: correct === null ? { excluded: "error" } : { correct },
    byRule: {},
    group: {},
    tags: { language: "en" },
    ...more,
  };
}
