import { extractAnswer, segmentTrace } from "@mede2/answers";
import { type Question, sha256Hex, type Trace, withId } from "@mede2/schemas";

export const question: Question = {
  record: "question",
  v: 1,
  id: "test:1",
  source: "test",
  revision: "1",
  split: "train",
  stem: "picture: <image>\nman of 60, short of breath, allergic to penicillin.\nchart: white cells 38, blood pressure 120/80, crp 4 mg/L",
  options: ["amoxicillin", "doxycycline", "furosemide", "spironolactone"],
  gold: { labels: ["B"] },
  images: [{ sha256: "a".repeat(64), mime: "image/png", width: 112, height: 112 }],
  findings: "film: right consolidation",
  group: { case: "1" },
  tags: { modality: "x-ray", language: "en" },
  licence: "Apache-2.0",
};

/** A chain that does all that is asked. */
export const goodSteps = [
  "The film shows right consolidation.",
  "White cells 38 means leucocytosis.",
  "Consolidation with leucocytosis is pneumonia, which needs antibiotics.",
  "Furosemide would need an effusion, which is not seen.",
  "Check: the chart says white cells 38, allergic to penicillin, so doxycycline stands.",
];

export const good = chain(goodSteps, "doxycycline");

export function chain(steps: readonly string[], answer: string): string {
  return `<think>\n${steps.join("\n")}\n</think>\n\nThe answer is \\boxed{${answer}}`;
}

export function traceOf(text: string, more: Partial<Trace> = {}, asked: Question = question): Trace {
  const finish = more.finish ?? "stop";
  return withId({
    record: "trace" as const,
    v: 1 as const,
    questionId: asked.id,
    by: { kind: "model" as const, name: "m" },
    stage: "stage1" as const,
    images: "real" as const,
    imageHashes: [],
    promptHash: sha256Hex("p"),
    sample: null,
    text,
    ...segmentTrace(text),
    answer: extractAnswer(text, { options: asked.options, finish }),
    tokens: { prompt: 0, completion: 0 },
    ...more,
    finish,
  });
}
