import { isCorrect } from "@mede2/answers";
import {
  candidatesSchema,
  evaluationRecordSchema,
  type ImageCondition,
  parseJson,
  parseRecord,
  readLines,
} from "@mede2/schemas";

/** How many of the answers that one model drew for a question are right. */
export interface Tally {
  samples: number;
  right: number;
}

/** Tallies by question, by condition of the images, and by model. */
export type Tallies = ReadonlyMap<string, ReadonlyMap<ImageCondition, ReadonlyMap<string, Tally>>>;

interface Answered {
  traceId: string;
  questionId: string;
  images: ImageCondition;
  model: string;
  right: boolean;
}

/**
 * Counts the answers of candidates files (`mede2 sample`) and evaluation files (`mede2 eval run`), in any mixture. Answers that failed or are excluded do not count. One entry a question, condition
 * and model is kept in memory, and the id of each answer.
 */
export async function readTallies(paths: readonly string[]): Promise<Tallies> {
  const all = new Map<string, Map<ImageCondition, Map<string, Tally>>>();
  const seen = new Set<string>();
  for (const path of paths)
    for await (const { traceId, questionId, images, model, right } of answersOf(path)) {
      if (seen.has(traceId)) continue; // the same answer in two files is one answer
      seen.add(traceId);
      const conditions = all.get(questionId) ?? new Map<ImageCondition, Map<string, Tally>>();
      const models = conditions.get(images) ?? new Map<string, Tally>();
      const tally = models.get(model) ?? { samples: 0, right: 0 };
      tally.samples += 1;
      if (right) tally.right += 1;
      models.set(model, tally);
      conditions.set(images, models);
      all.set(questionId, conditions);
    }
  return all;
}

async function* answersOf(path: string): AsyncGenerator<Answered> {
  for await (const { text, line } of readLines(path)) {
    if (text.trim() === "") continue;
    const place = { file: path, line };
    const value = parseJson(text, place);
    if ((value as { record?: unknown } | null)?.record === "evaluation-record") {
      const { traceId, questionId, images, model, outcome } = parseRecord(
        evaluationRecordSchema,
        value,
        place,
      );
      if ("excluded" in outcome) continue;
      const right = "correct" in outcome ? outcome.correct : outcome.score === 1;
      yield { traceId, questionId, images, model: model.checkpoint ?? model.name, right };
      continue;
    }
    const { question, traces } = parseRecord(candidatesSchema, value, place);
    for (const { id, by, images, answer, finish } of traces)
      if (finish !== "error")
        yield {
          ...{ traceId: id, questionId: question.id, images, model: by.checkpoint ?? by.name },
          right: isCorrect(answer, question.gold),
        };
  }
}
