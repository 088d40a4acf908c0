import type { EvaluationRecord, ImageCondition } from "@mede2/schemas";
import { type ClusterSetting, clusterOf, scoreOf } from "../grading/score-of.ts";

/** One of several answers to a question. */
export interface ScaledAnswer {
  /** What it says, so that equal answers are equal; null when it says nothing (refused, unparsed …): that is no vote. */
  said: string | null;
  score: number;
  /** Tokens written. */
  tokens: number;
  /** How good the reasoning is, 0–1, told without the right answer; null when it is not rated or fails a gate. */
  rating: number | null;
}

export interface ScaledQuestion {
  questionId: string;
  cluster: string;
  answers: ScaledAnswer[];
}

export interface ScaledSettings {
  /** Default "real". */
  images?: ImageCondition;
  cluster?: ClusterSetting;
  /** Of a trace; null where there is none. Must not know the right answer. */
  rating?: (traceId: string) => number | null;
}

/** Gathers the answers of each question. Requests that failed are no answers. Without token counts an answer costs nothing known: 0. */
export async function scaledQuestions(
  records: Iterable<EvaluationRecord> | AsyncIterable<EvaluationRecord>,
  { images = "real", cluster = "auto", rating = () => null }: ScaledSettings = {},
): Promise<ScaledQuestion[]> {
  const questions = new Map<string, ScaledQuestion>();
  for await (const record of records) {
    if (record.images !== images) continue;
    const { questionId, answer, traceId } = record;
    const known = questions.get(questionId) ?? {
      questionId,
      cluster: clusterOf(record, cluster),
      answers: [],
    };
    questions.set(questionId, known);
    const score = scoreOf(record);
    if (score === null) continue;
    known.answers.push({
      said:
        answer.status === "found" ? (answer.text?.trim().toLowerCase() ?? answer.labels?.join() ?? "") : null,
      score,
      tokens: (record as { tokens?: { completion: number } }).tokens?.completion ?? 0,
      rating: rating(traceId),
    });
  }
  return [...questions.values()];
}
