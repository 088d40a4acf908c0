import { basename } from "node:path";
import { ImportError } from "./import-error.ts";
import type { Importer, ReadOptions, SourceRow } from "./importer.ts";
import { byText } from "./reading/choices.ts";
import { FieldFault, type Fields, kindOf, rowsOf } from "./reading/fields.ts";
import { filesLike, recordFilesOf } from "./reading/record-files.ts";
import { recordsOf } from "./reading/records-of.ts";
import { sources } from "./sources.ts";
import { present } from "./tags.ts";

const files = {
  labelled: /(pqal|pqa_labeled)/i,
  artificial: /(pqaa|pqa_artificial)/i,
} as const;

/** PubMedQA: JSON keyed by PMID (`ori_pqal.json`, with `test_ground_truth.json` for the official test), or Hugging Face's Parquet. */
export const pubmedqaImporter: Importer = {
  name: "pubmedqa",
  ...sources.pubmedqa,
  parts: {
    labelled: { about: "labelled by experts", multimodal: false },
    artificial: { about: "labelled by rule, yes or no", multimodal: false },
  },
  read,
};

async function* read(dir: string, { part }: ReadOptions): AsyncGenerator<SourceRow> {
  const named = files[part as keyof typeof files];
  const found = await filesLike(
    dir,
    (name) => named.test(name),
    `file of the ${part} part (ori_pqal.json, ori_pqaa.json or Parquet)`,
  );
  const test = await officialTest(dir);
  for (const file of found) {
    const parquet = /\.parquet$/i.test(file.name);
    yield* rowsOf(recordsOf(file, { keyed: /\.json$/i.test(file.name) }), (fields) => {
      const id = fields.key ?? fields.text("pubid");
      const name = (upper: string, lower: string) => (parquet ? lower : upper);
      const { contexts, headings } = abstractOf(fields, parquet);
      const decision = fields.maybe("final_decision");
      if (decision === undefined)
        throw new FieldFault("final_decision", "no answer is published", "no-answer");
      const abstract = contexts.map((text, at) =>
        headings[at] === undefined ? text : `${headings[at]}: ${text}`,
      );
      return {
        question: {
          localId: id,
          split:
            part === "artificial"
              ? "train"
              : test === undefined
                ? "labelled"
                : test.has(id)
                  ? "test"
                  : "train",
          stem: [...abstract, fields.text(name("QUESTION", "question"))].join("\n\n"),
          ...byText(["yes", "no", "maybe"], decision, "final_decision"),
          group: { case: id },
          tags: { ...present({ year: fields.maybe("YEAR") }), type: "closed", language: "en" },
        },
        images: [],
        place: fields.place,
      };
    });
  }
}

function abstractOf(fields: Fields, parquet: boolean): { contexts: string[]; headings: string[] } {
  const texts = (value: unknown, field: string): string[] => {
    if (!Array.isArray(value) || value.some((text) => typeof text !== "string"))
      throw new FieldFault(field, `expected a list of texts, got ${kindOf(value)}`);
    return value as string[];
  };
  if (!parquet)
    return {
      contexts: texts(fields.list("CONTEXTS"), "CONTEXTS"),
      headings: fields.has("LABELS") ? texts(fields.list("LABELS"), "LABELS") : [],
    };
  const context = fields.object("context");
  return {
    contexts: texts(context.contexts, "context.contexts"),
    headings: context.labels === undefined ? [] : texts(context.labels, "context.labels"),
  };
}

/** The PMIDs of the official test, where its file is there. */
async function officialTest(dir: string): Promise<Set<string> | undefined> {
  const file = (await recordFilesOf(dir)).find(({ name }) => basename(name) === "test_ground_truth.json");
  if (file === undefined) return undefined;
  const ids = new Set<string>();
  for await (const entry of recordsOf(file, { keyed: true })) {
    if ("dropped" in entry) throw new ImportError("IMPORT_FILE_UNREADABLE", `${entry.detail}.`, entry.place);
    ids.add(entry.key!);
  }
  return ids;
}
