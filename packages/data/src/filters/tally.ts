import { isCorrect } from "@mede2/answers";
import { candidatesSchema, type ImageCondition, readJsonl } from "@mede2/schemas";

/** How many of the answers that one model drew for a question are right. */
export interface Tally {
  samples: number;
  right: number;
}

/** Tallies by question, by condition of the images, and by model. */
export type Tallies = ReadonlyMap<string, ReadonlyMap<ImageCondition, ReadonlyMap<string, Tally>>>;

/** Counts the answers of candidates files. One entry a question, condition and model is kept in memory. */
export async function readTallies(paths: readonly string[]): Promise<Tallies> {
  const all = new Map<string, Map<ImageCondition, Map<string, Tally>>>();
  const seen = new Set<string>();
  for (const path of paths)
    for await (const { question, traces } of readJsonl(path, candidatesSchema))
      for (const { id, by, images, answer } of traces) {
        if (seen.has(id)) continue; // the same answer in two files is one answer
        seen.add(id);
        const conditions = all.get(question.id) ?? new Map<ImageCondition, Map<string, Tally>>();
        const models = conditions.get(images) ?? new Map<string, Tally>();
        const model = by.checkpoint ?? by.name;
        const tally = models.get(model) ?? { samples: 0, right: 0 };
        tally.samples += 1;
        if (isCorrect(answer, question.gold)) tally.right += 1;
        models.set(model, tally);
        conditions.set(images, models);
        all.set(question.id, conditions);
      }
  return all;
}
