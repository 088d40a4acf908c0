import type { Question } from "@mede2/schemas";
import { describe, expect, it } from "vitest";
import { question as textQuestion, traceOf } from "../../test/support/traces.ts";
import { textRubric } from "../rubrics/text-rubric.ts";
import { scoreTrace } from "../score-trace.ts";

const image = { sha256: "a".repeat(64), mime: "image/png" as const, width: 8, height: 8 };
const polar: Question = {
  ...textQuestion,
  stem: "Is there a pleural effusion?",
  options: ["Yes", "No"],
  gold: { labels: ["A"] },
  images: [image],
  tags: { language: "en", modality: "x-ray" },
};
const parts = (thought: string, asked: Question, answer: string) =>
  Object.assign(
    {},
    ...Object.values(
      scoreTrace(
        { question: asked, trace: traceOf(`<think>\n${thought}\n</think>\n\n\\boxed{${answer}}`, {}, asked) },
        textRubric,
      ).parts,
    ),
  ) as Record<string, number | undefined>;

describe("asked-is-seen", () => {
  it("wants what is asked in a sentence about the picture", () => {
    expect(parts("The film shows a pleural effusion on the left.", polar, "A")["asked-is-seen"]).toBe(1);
    expect(parts("The film shows a fractured rib.", polar, "A")["asked-is-seen"]).toBe(0);
    expect(parts("Fever.", polar, "A")["asked-is-seen"]).toBeUndefined();
  });
});

describe("one-picture", () => {
  it("hears a second kind of picture or another region", () => {
    expect(parts("The film shows the lungs. The film shows ribs.", polar, "A")["one-picture"]).toBe(1);
    expect(parts("The film shows the lungs. The MRI shows a nodule.", polar, "A")["one-picture"]).toBe(0);
    expect(parts("The film shows the lungs. The film shows the brain.", polar, "A")["one-picture"]).toBe(0);
  });
});

describe("number-concluded", () => {
  const open: Question = {
    ...textQuestion,
    stem: "What is the anion gap?",
    options: [],
    gold: { text: "12", aliases: [] },
  };
  it("compares a number that is answered with where the reasoning ends", () => {
    expect(parts("140 - 104 - 24 = 12", open, "12")["number-concluded"]).toBe(1);
    expect(parts("12 comes first. Then 1, 2, 3, 4, 5, 6 and 7.", open, "12")["number-concluded"]).toBe(0.5);
    expect(parts("140 - 104 - 24 = 13", open, "12")["number-concluded"]).toBe(0);
    expect(parts("140 - 104 - 24 = 12", open, "high")["number-concluded"]).toBeUndefined();
  });
});
