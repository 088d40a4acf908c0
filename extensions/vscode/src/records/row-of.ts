import type { RowView } from "../protocol/trace-messages.ts";
import type { ShownRecord } from "./parse-line.ts";
import { outcomeView, stageName } from "./trace-view.ts";
import { oneLine } from "./visible-text.ts";

type Badge = RowView["badges"][number];

/** A record in the list: what it is about, and a few words on it. */
export function rowOf(
  record: ShownRecord,
  stemOf: (questionId: string) => string | undefined,
): { title: string; badges: Badge[] } {
  const title = (questionId: string) => titleOf(stemOf(questionId) ?? questionId);
  switch (record.record) {
    case "question":
      return { title: titleOf(record.stem), badges: badges(record.split, record.tags.modality) };
    case "demonstration":
      return {
        title: titleOf(record.question.stem),
        badges: record.checks.every(({ passed }) => passed) ? [] : [{ text: "a check failed", tone: "warn" }],
      };
    case "candidates":
      return {
        title: titleOf(record.question.stem),
        badges: badges(`${record.traces.length} answers`, record.ratings.length > 0 ? "rated" : "not rated"),
      };
    case "preference-pair":
      return {
        title: titleOf(record.question.stem),
        badges: badges(record.negativeKind, `margin ${record.margin.toFixed(2)}`),
      };
    case "trace":
      return {
        title: title(record.questionId),
        badges: [...badges(stageName(record.stage), condition(record.images)), ...answer(record.answer)],
      };
    case "evaluation-record": {
      const { kind, text } = outcomeView(record.outcome);
      const tone = kind === "right" ? "good" : kind === "wrong" ? "bad" : "plain";
      return {
        title: title(record.questionId),
        badges: [
          { text: kind === "excluded" ? "left out" : text, tone },
          ...badges(condition(record.images)),
          ...answer(record.answer),
        ],
      };
    }
  }
}

/** A stem as a title: the places of its pictures say nothing in a list. */
const titleOf = (stem: string) => oneLine(stem.slice(0, 2000).replaceAll("<image>", " "), 200);

const condition = (images: string) => (images === "real" ? "" : images);

const badges = (...texts: (string | undefined)[]): Badge[] =>
  texts.flatMap((text) =>
    text === undefined || text === "" ? [] : [{ text: oneLine(text, 40), tone: "plain" as const }],
  );

function answer({
  status,
  labels,
  text,
}: {
  status: string;
  labels?: string[] | undefined;
  text?: string | undefined;
}): Badge[] {
  if (status !== "found") return [{ text: status, tone: "warn" }];
  return badges(oneLine(labels?.join(", ") ?? text ?? "", 12));
}
