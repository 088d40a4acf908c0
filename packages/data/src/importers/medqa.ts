import { basename } from "node:path";
import type { Importer, ReadOptions, SourceRow } from "./importer.ts";
import { byIndex, byLetter, checkedOptions, optionsOf } from "./reading/choices.ts";
import { FieldFault, type Fields, rowsOf } from "./reading/fields.ts";
import { filesLike } from "./reading/record-files.ts";
import { recordsOf } from "./reading/records-of.ts";
import { sources } from "./sources.ts";
import { present } from "./tags.ts";

const counts = { op4: 4, op5: 5 } as const;

/** MedQA as published (JSONL with `options` and `answer_idx`) and in the `-hf` layout (`sent1`, `ending0` …, `label`). */
export const medqaImporter: Importer = {
  name: "medqa",
  ...sources.medqa,
  parts: {
    op4: { about: "four options", multimodal: false },
    op5: { about: "five options, as in the original", multimodal: false },
  },
  read,
};

async function* read(dir: string, { part }: ReadOptions): AsyncGenerator<SourceRow> {
  const files = await filesLike(
    dir,
    (name) => splitOf(name) !== undefined,
    "train, dev or test file of MedQA",
  );
  for (const file of files) {
    const split = splitOf(file.name)!;
    yield* rowsOf(recordsOf(file), (fields, index) => {
      const hf = fields.has("ending0");
      const choices = hf
        ? fromEndings(fields)
        : byLetter(optionsOf(fields, "options"), fields.value("answer_idx"), "answer_idx");
      const wanted = counts[part as keyof typeof counts];
      if (choices.options.length !== wanted)
        throw new FieldFault(
          "options",
          `it has ${choices.options.length} options, not ${wanted}`,
          "other-part",
        );
      const stem = hf
        ? [fields.text("sent1"), fields.maybe("sent2")].filter((text) => text !== undefined).join("\n")
        : fields.text("question");
      return {
        question: {
          localId: `${part}/${split}/${index}`,
          split,
          stem,
          ...choices,
          group: {},
          tags: { ...present({ type: fields.maybe("meta_info") }), language: "en" },
        },
        images: [],
        place: fields.place,
      };
    });
  }
}

/** The last train, dev, validation or test in the name of the file. */
function splitOf(name: string): string | undefined {
  const [, split] = /(?:^|[_.-])(train|dev|valid|validation|test)(?:[-_.]|$)/i.exec(basename(name)) ?? [];
  if (split === undefined || /metamap/i.test(name)) return undefined;
  return /^valid/i.test(split) ? "dev" : split.toLowerCase();
}

function fromEndings(fields: Fields) {
  const names = [0, 1, 2, 3, 4].map((n) => `ending${n}`).filter((name) => fields.has(name));
  return byIndex(
    checkedOptions(
      names.map((name) => fields.value(name)),
      "ending0",
    ),
    fields.number("label"),
    "label",
  );
}
