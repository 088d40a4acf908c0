import { basename } from "node:path";
import { ImportError } from "./import-error.ts";
import type { Importer, SourceRow } from "./importer.ts";
import { byIndex, checkedOptions } from "./reading/choices.ts";
import { FieldFault, rowsOf } from "./reading/fields.ts";
import { filesLike } from "./reading/record-files.ts";
import { recordsOf } from "./reading/records-of.ts";
import type { SourceFile } from "./reading/source-file.ts";
import { sources } from "./sources.ts";
import { present } from "./tags.ts";

const splits: Readonly<Record<string, string>> = {
  train: "train",
  dev: "validation",
  valid: "validation",
  validation: "validation",
  test: "test",
};

/** MedMCQA: JSONL in `train.json`, `dev.json`, `test.json`, or Hugging Face's Parquet files. */
export const medmcqaImporter: Importer = {
  name: "medmcqa",
  ...sources.medmcqa,
  parts: { all: { about: "four options, from entrance examinations", multimodal: false } },
  read,
};

async function* read(dir: string): AsyncGenerator<SourceRow> {
  const files = await filesLike(
    dir,
    (name) => splitOf(name) !== undefined,
    "train, dev or test file of MedMCQA",
  );
  for (const file of files) {
    const first = await firstNumber(file);
    yield* rowsOf(recordsOf(file), (fields, index) => {
      const options = checkedOptions(
        ["opa", "opb", "opc", "opd"].map((name) => fields.value(name)),
        "opa",
      );
      if (!fields.has("cop") || fields.number("cop") === -1)
        throw new FieldFault("cop", "no answer is published", "no-answer");
      return {
        question: {
          localId: fields.maybe("id") ?? `${splitOf(file.name)}/${index}`,
          split: splitOf(file.name)!,
          stem: fields.text("question"),
          ...byIndex(options, fields.number("cop") - first, "cop"),
          group: {},
          tags: {
            ...present({
              specialty: fields.maybe("subject_name"),
              topic: fields.maybe("topic_name"),
              type: fields.maybe("choice_type"),
            }),
            language: "en",
          },
        },
        images: [],
        place: fields.place,
      };
    });
  }
}

function splitOf(name: string): string | undefined {
  return splits[/^(train|dev|valid|validation|test)[-_.]/i.exec(basename(name))?.[1]?.toLowerCase() ?? ""];
}

/**
 * What the file's answers count from. A 0 or a 4 in it decides; a file with neither counts from 1 in JSON and from 0 in Parquet, as
 * published. Both in one file is an error: no answer of it could be trusted.
 */
async function firstNumber(file: SourceFile): Promise<0 | 1> {
  let [zero, four] = [false, false];
  for await (const entry of recordsOf(file)) {
    const cop = "value" in entry ? (entry.value as { cop?: unknown } | null)?.cop : undefined;
    if (Number(cop) === 0 && cop !== null && cop !== "") zero = true;
    if (Number(cop) === 4) four = true;
  }
  if (zero && four)
    throw new ImportError(
      "IMPORT_FILE_UNREADABLE",
      "`cop` holds both 0 and 4, so what it counts from is unknown.",
      {
        file: file.shown,
        field: "cop",
      },
    );
  if (zero || four) return four ? 1 : 0;
  return /\.parquet$/i.test(file.name) ? 0 : 1;
}
