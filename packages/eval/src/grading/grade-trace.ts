import { answerRuleNames, extractAnswer, extractByRule, isCorrect } from "@mede2/answers";
import type { Answer, EvaluationRecord, Question, Trace } from "@mede2/schemas";
import { extraction } from "../answering/trace-of-reply.ts";

export interface GradeSettings {
  task: string;
  protocol: string;
  model: EvaluationRecord["model"];
}

/** An evaluation record with more than the contract asks for; every reader keeps the keys. */
export type GradedRecord = EvaluationRecord & {
  /** Whether each rule's answer is right. */
  correctByRule: Record<string, boolean>;
  tokens: Trace["tokens"];
  /** Of the images that were really sent. */
  imageHashes: string[];
};

/**
 * Grades one answer anew from its text, by the strict cascade, and by every other rule for the band. A request that failed is excluded with
 * the reason; a refusal, an ambiguous, unparsed or truncated answer is wrong, and stays listed as what it is.
 */
export function gradeTrace(
  question: Question,
  trace: Trace,
  { task, protocol, model }: GradeSettings,
): GradedRecord {
  const how = extraction(question, trace.finish);
  const answer = extractAnswer(trace.text, how);
  const byRule: Record<string, Answer> = {};
  const correctByRule: Record<string, boolean> = {};
  for (const rule of answerRuleNames) {
    byRule[rule] = extractByRule(rule, trace.text, how);
    correctByRule[rule] = isCorrect(byRule[rule], question.gold);
  }
  return {
    record: "evaluation-record",
    v: 1,
    questionId: question.id,
    task,
    protocol,
    model,
    stage: trace.stage,
    images: trace.images,
    sample: trace.sample?.index ?? 0,
    traceId: trace.id,
    answer,
    outcome:
      answer.status === "error" ? { excluded: "error" } : { correct: isCorrect(answer, question.gold) },
    byRule,
    group: question.group,
    tags: question.tags,
    correctByRule,
    tokens: trace.tokens,
    imageHashes: trace.imageHashes,
  };
}
