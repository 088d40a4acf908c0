import { type Demonstration, withId } from "@mede2/schemas";
import { importedTrace, reasoned } from "./imported-trace.ts";
import type { Importer, ReadOptions, SourceRow } from "./importer.ts";
import { byLetter, optionsOf } from "./reading/choices.ts";
import { type Fields, rowsOf } from "./reading/fields.ts";
import { filesLike } from "./reading/record-files.ts";
import { recordsOf } from "./reading/records-of.ts";
import { sources } from "./sources.ts";

const ORCHESTRATION = { name: "huatuo-o1", version: "2024" };

/**
 * HuatuoGPT-o1's reasoning: `Question`, `Complex_CoT`, `Response` (the published SFT files), with the answer that they were verified against
 * where it is there (`demo_data.json`); part `choices` gives the multiple-choice questions that they were made from.
 */
export const huatuoO1Importer: Importer = {
  name: "huatuo-o1",
  ...sources["huatuo-o1"],
  parts: {
    reasoning: {
      about: "open questions with reasoning, as demonstrations",
      multimodal: false,
      record: "demonstration",
    },
    choices: { about: "the multiple-choice questions that they come from", multimodal: false },
    verifiable: { about: "open questions with a short answer", multimodal: false },
  },
  read,
};

async function* read(dir: string, { part }: ReadOptions): AsyncGenerator<SourceRow> {
  const files = await filesLike(
    dir,
    (name) => /\.(jsonl?|parquet)$/i.test(name) && !/dataset_infos?|config/i.test(name),
    "JSON or Parquet file",
  );
  let index = 0;
  for (const file of files) {
    const language = /(^|[_/-])(zh|chinese)([_./-]|$)/i.test(file.name) ? "zh" : "en";
    yield* rowsOf(recordsOf(file), (fields) => {
      index += 1;
      const base = { localId: `${part}/${index - 1}`, split: "train", group: {} };
      if (part === "choices")
        return {
          question: {
            ...base,
            stem: fields.text("question"),
            ...byLetter(optionsOf(fields, "options"), fields.value("answer_idx"), "answer_idx"),
            tags: { type: "multiple-choice", language },
          },
          images: [],
          place: fields.place,
        };
      return part === "verifiable"
        ? { ...verifiable(fields, base, language), images: [], place: fields.place }
        : reasoning(fields, base, language);
    });
  }
}

type Base = { localId: string; split: string; group: object };

const verifiable = (fields: Fields, base: Base, language: string) => ({
  question: {
    ...base,
    stem: fields.text("Open-ended Verifiable Question"),
    options: [],
    gold: { text: fields.text("Ground-True Answer"), aliases: [] },
    tags: { type: "open", language },
  },
});

function reasoning(fields: Fields, base: Base, language: string): SourceRow {
  const chain = fields.text("Complex_CoT");
  const response = fields.text("Response");
  const answer = fields.maybe("Ground-True Answer");
  const text = reasoned(chain, answer === undefined ? response : `${response}\n\n\\boxed{${answer}}`);
  return {
    question: {
      ...base,
      stem: fields.text("Question"),
      options: [],
      gold: { text: answer ?? response, aliases: [] },
      tags: { type: "open", language },
    },
    images: [],
    place: fields.place,
    record: (question): Demonstration =>
      withId({
        record: "demonstration" as const,
        v: 1 as const,
        question,
        trace: importedTrace(question, text, "huatuo-o1"),
        orchestration: ORCHESTRATION,
        checks: [],
      }),
  };
}
