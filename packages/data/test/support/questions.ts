import type { Question } from "@mede2/schemas";

/** A question with what a test does not care about filled in. */
export function aQuestion(id: string | number, changes: Partial<Question> = {}): Question {
  return {
    record: "question",
    v: 1,
    id: `test:${id}`,
    source: "test",
    revision: "1",
    split: "train",
    stem: `Which finding number ${id} is seen on the film?`,
    options: ["effusion", "pneumothorax", "consolidation", "nodule"],
    gold: { labels: ["A"] },
    images: [],
    group: {},
    tags: { language: "en" },
    licence: "CC0-1.0",
    ...changes,
  };
}

/** A reference to a picture that is in no store; its hash is made of the number. */
export const aPicture = (number: number) => ({
  sha256: number.toString(16).padStart(8, "0").repeat(8),
  mime: "image/png",
  width: 8,
  height: 8,
});
