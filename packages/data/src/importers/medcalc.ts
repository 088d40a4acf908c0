import { basename } from "node:path";
import type { Candidates, Question } from "@mede2/schemas";
import { importedTrace, reasoned } from "./imported-trace.ts";
import type { Importer, ReadOptions, SourceRow } from "./importer.ts";
import { FieldFault, type Fields, rowsOf } from "./reading/fields.ts";
import { filesLike } from "./reading/record-files.ts";
import { recordsOf } from "./reading/records-of.ts";
import { sources } from "./sources.ts";
import { present } from "./tags.ts";

/** MedCalc-Bench: `test_data.csv`, `train_data.csv`, the audited labels, and published answers of models as candidates. */
export const medcalcImporter: Importer = {
  name: "medcalc",
  ...sources.medcalc,
  parts: {
    published: { about: "notes and calculations as published", multimodal: false },
    audited: { about: "the published test with audited labels", multimodal: false },
    traces: {
      about: "published answers of models, right and wrong, one a question",
      multimodal: false,
      record: "candidates",
    },
  },
  read,
};

const files: Readonly<Record<string, RegExp>> = {
  published: /(^|[_-])(train|test)(_data)?[^/]*\.(csv|parquet)$/i,
  audited: /corrected[^/]*\.csv$/i,
  traces: /\.jsonl$/i,
};

async function* read(dir: string, { part }: ReadOptions): AsyncGenerator<SourceRow> {
  const fits = (name: string) =>
    files[part]!.test(basename(name)) && (part !== "published" || !files.audited!.test(name));
  const found = await filesLike(dir, fits, `file of MedCalc-Bench's part ${part}`);
  for (const file of found) {
    const name = basename(file.name).replace(/\.\w+$/, "");
    const split = /(^|[_-])train/i.test(name) ? "train" : "test";
    yield* rowsOf(recordsOf(file), (fields) =>
      part === "traces" ? traceRow(fields, name) : questionRow(fields, part, split),
    );
  }
}

function questionRow(fields: Fields, part: string, split: string): SourceRow {
  const row = fields.maybe("Row Number") ?? fields.text("Unique ID");
  return {
    question: {
      ...common(fields, `${part}/${split}/${row}`, split),
      gold: goldOf(fields),
    },
    images: [],
    place: fields.place,
  };
}

function common(fields: Fields, localId: string, split: string) {
  return {
    localId,
    split,
    stem: `${fields.text("Patient Note")}\n\n${fields.text("Question")}`,
    options: [],
    facts: present({
      calculator: fields.maybe("Calculator Name"),
      entities: fields.maybe("Relevant Entities"),
    }) as Record<string, string>,
    group: present({ case: fields.maybe("Note ID") }),
    tags: {
      ...present({
        task: fields.maybe("Category"),
        type: fields.maybe("Output Type"),
        topic: fields.maybe("Calculator Name"),
      }),
      language: "en",
    },
  };
}

/** A number with the published limits as its tolerance; a date or a span of weeks and days as text. The unit stands in the question. */
function goldOf(fields: Fields): Question["gold"] {
  const answer = fields.text("Ground Truth Answer");
  if (/^(n\/?a|nan)$/i.test(answer))
    throw new FieldFault("Ground Truth Answer", "the audit found no answer to it", "no-answer");
  if (!isNumber(answer)) return { text: answer, aliases: [] };
  const value = Number(answer);
  if (!fields.has("Lower Limit")) return { value, unit: "", tolerance: Math.abs(value) * 0.05 };
  const limits = [fields.number("Lower Limit"), fields.number("Upper Limit")];
  return { value, unit: "", tolerance: Math.max(...limits.map((limit) => Math.abs(limit - value))) };
}

const isNumber = (text: string) => /^[-+]?\d+(\.\d+)?(e[-+]?\d+)?$/i.test(text);

/** One answer of a model with what its publisher says of it: `facts.result` is Correct or Incorrect. */
function traceRow(fields: Fields, file: string): SourceRow {
  const result = fields.text("Result");
  if (result !== "Correct" && result !== "Incorrect")
    throw new FieldFault(
      "Result",
      `expected Correct or Incorrect, got ${JSON.stringify(result.slice(0, 60))}`,
    );
  const row = common(fields, `traces/${file}/${fields.text("Row Number")}`, "test");
  const thinking = fields.maybe("LLM Thinking") ?? fields.maybe("LLM Raw Thinking");
  const response = [fields.maybe("LLM Explanation"), `\\boxed{${fields.maybe("LLM Answer") ?? ""}}`];
  const answer = response.filter((text) => text !== undefined).join("\n\n");
  return {
    question: { ...row, facts: { ...row.facts, result }, gold: goldOf(fields) },
    images: [],
    place: fields.place,
    record: (question): Candidates => ({
      record: "candidates",
      v: 1,
      question,
      traces: [importedTrace(question, thinking === undefined ? answer : reasoned(thinking, answer), file)],
      ratings: [],
    }),
  };
}
