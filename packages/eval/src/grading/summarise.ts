import {
  type AnswerStatus,
  answerStatusSchema,
  type EvaluationRecord,
  type ImageCondition,
} from "@mede2/schemas";
import { clusteredInterval, wilson } from "@mede2/stats";
import { type ClusterSetting, clusterOf, scoreOf } from "./score-of.ts";

/** Accuracy of one model under one condition, and all that must stand beside it. */
export interface Summary {
  model: string;
  stage: EvaluationRecord["stage"];
  task: string;
  protocol: string;
  images: ImageCondition;
  /** Questions that count, and right answers among them (with several samples, the sum of the questions' means). */
  n: number;
  correct: number;
  accuracy: number | null;
  /** 95 %: Wilson for single independent answers, else Student's by clusters (Miller 2024). */
  low: number | null;
  high: number | null;
  interval: "wilson" | "clustered" | null;
  /** Answers by status, over all samples. */
  answers: Record<AnswerStatus, number>;
  /** Records that count in no mean, by reason. */
  excluded: Record<string, number>;
  /** Accuracy under the strict cascade and every other rule that reads at least half of the answers: the least and the most generous. */
  band: { low: number; high: number; lowRule: string; highRule: string } | null;
  /** Mean tokens of an answer. */
  completionTokens: number | null;
  /** More than 1 % of the requests failed: no headline should be made of it. */
  incomplete: boolean;
}

/** One summary for each model, stage, task, protocol and image condition, in order of appearance. */
export function summarise(
  records: Iterable<EvaluationRecord>,
  { cluster = null }: { cluster?: ClusterSetting } = {},
): Summary[] {
  const groups = new Map<string, EvaluationRecord[]>();
  for (const record of records) {
    const { model, stage, task, protocol, images } = record;
    const key = JSON.stringify([model.name, model.checkpoint, stage, task, protocol, images]);
    const list = groups.get(key);
    if (list) list.push(record);
    else groups.set(key, [record]);
  }
  return [...groups.values()].map((list) => summary(list, cluster));
}

function summary(records: readonly EvaluationRecord[], cluster: ClusterSetting): Summary {
  const { model, stage, task, protocol, images } = records[0]!;
  const answers = Object.fromEntries(
    answerStatusSchema.options.map((status) => [status, 0]),
  ) as Summary["answers"];
  const excluded: Record<string, number> = {};
  const questions = new Map<string, { sum: number; samples: number; cluster: string }>();
  let [tokens, counted] = [0, 0];
  for (const record of records) {
    answers[record.answer.status] += 1;
    const completion = (record as { tokens?: { completion: number } }).tokens?.completion;
    if (completion !== undefined) [tokens, counted] = [tokens + completion, counted + 1];
    const score = scoreOf(record);
    if (score === null) {
      const reason = "excluded" in record.outcome ? record.outcome.excluded : "unscored";
      excluded[reason] = (excluded[reason] ?? 0) + 1;
      continue;
    }
    const known = questions.get(record.questionId);
    if (known === undefined)
      questions.set(record.questionId, { sum: score, samples: 1, cluster: clusterOf(record, cluster) });
    else [known.sum, known.samples] = [known.sum + score, known.samples + 1];
  }
  const scores = [...questions.values()].map(({ sum, samples }) => sum / samples);
  const clusters = [...questions.values()].map((question) => question.cluster);
  const correct = scores.reduce((sum, score) => sum + score, 0);
  return {
    model: model.name,
    stage,
    task,
    protocol,
    images,
    n: scores.length,
    correct,
    accuracy: scores.length === 0 ? null : correct / scores.length,
    ...intervalOf(scores, clusters),
    answers,
    excluded,
    band: bandOf(records),
    completionTokens: counted === 0 ? null : tokens / counted,
    incomplete: (excluded.error ?? 0) > 0.01 * records.length,
  };
}

function intervalOf(
  scores: readonly number[],
  clusters: readonly string[],
): Pick<Summary, "low" | "high" | "interval"> {
  const none = { low: null, high: null, interval: null };
  if (scores.length === 0) return none;
  const count = new Set(clusters).size;
  if (count === scores.length && scores.every((score) => score === 0 || score === 1)) {
    const { low, high } = wilson(scores.filter((score) => score === 1).length, scores.length);
    return { low, high, interval: "wilson" };
  }
  if (count < 2) return none;
  const { low, high } = clusteredInterval(scores, clusters);
  return { low: Math.max(0, low), high: Math.min(1, high), interval: "clustered" };
}

function bandOf(records: readonly EvaluationRecord[]): Summary["band"] {
  const rules = new Map<string, { right: number; read: number }>();
  const note = (rule: string, correct: boolean, read: boolean) => {
    const known = rules.get(rule) ?? { right: 0, read: 0 };
    rules.set(rule, { right: known.right + Number(correct), read: known.read + Number(read) });
  };
  let n = 0;
  for (const record of records) {
    const byRule = (record as { correctByRule?: Record<string, boolean> }).correctByRule;
    const score = scoreOf(record);
    if (byRule === undefined || score === null) continue;
    n += 1;
    note("strict", score === 1, true);
    for (const [rule, correct] of Object.entries(byRule))
      note(rule, correct, record.byRule[rule]?.status === "found");
  }
  if (n === 0) return null;
  const order = [...rules].filter(([, { read }]) => read * 2 >= n).sort(([, a], [, b]) => a.right - b.right);
  const [[lowRule, low], [highRule, high]] = [order[0]!, order.at(-1)!];
  return { low: low.right / n, high: high.right / n, lowRule, highRule };
}
