import { type Answer, type Gold, optionLabel, type Question } from "@mede2/schemas";
import type { QuestionView } from "../protocol/case-view.ts";
import { oneLine, short, visible } from "./visible-text.ts";

const longText = 20_000;

/** A question as it is drawn. */
export function questionView(question: Question): QuestionView {
  const { id, stem, options, gold, findings, tags, split, licence } = question;
  const right = "labels" in gold && Array.isArray(gold.labels) ? gold.labels : [];
  return {
    id: oneLine(id, 200),
    stem: visible(short(stem, longText)),
    options: options.slice(0, 26).map((text, index) => {
      const label = optionLabel(index);
      return { label, text: visible(short(text, 4000)), gold: right.includes(label) };
    }),
    gold: goldText(gold),
    ...(findings === undefined ? {} : { findings: visible(short(findings, longText)) }),
    tags: Object.entries({ ...tags, split, licence }).flatMap(([name, value]) =>
      typeof value === "string" && value !== ""
        ? [{ name: oneLine(name, 40), value: oneLine(value, 80) }]
        : [],
    ),
  };
}

export function goldText(gold: Gold): string {
  if ("labels" in gold && Array.isArray(gold.labels)) return oneLine(gold.labels.join(", "), 100);
  if ("text" in gold && typeof gold.text === "string") return oneLine(gold.text, 400);
  const { value, unit, tolerance } = gold as { value: number; unit: string; tolerance: number };
  return oneLine(`${value} ${unit} ± ${tolerance}`, 100);
}

/** The right answer in words: "C. azathioprine". */
export function wordedGold(question: Question): string {
  const { gold } = question;
  return "labels" in gold && Array.isArray(gold.labels) ? worded(gold.labels, question) : goldText(gold);
}

/** A given answer in words, where its question is known. */
export const wordedAnswer = ({ labels, text }: Answer, question: Question | undefined): string =>
  labels === undefined || labels.length === 0 ? oneLine(text ?? "", 400) : worded(labels, question);

const worded = (labels: readonly string[], question: Question | undefined) =>
  labels
    .slice(0, 26)
    .map((label) => {
      const text = question?.options.find((_, index) => optionLabel(index) === label);
      return oneLine(text === undefined ? label : `${label}. ${text}`, 400);
    })
    .join("\n");
