import { basename } from "node:path";
import type { Importer, SourceRow } from "./importer.ts";
import { withoutOptions } from "./medxpertqa.ts";
import { byIndex, byLetter, checkedOptions } from "./reading/choices.ts";
import { FieldFault, type Fields, rowsOf } from "./reading/fields.ts";
import { filesLike } from "./reading/record-files.ts";
import { recordsOf } from "./reading/records-of.ts";
import type { SourceFile } from "./reading/source-file.ts";
import { sources } from "./sources.ts";

const subjects = [
  "anatomy",
  "clinical_knowledge",
  "college_biology",
  "college_medicine",
  "medical_genetics",
  "professional_medicine",
];

/**
 * Six subjects of MMLU: the original CSV without a first line (`test/anatomy_test.csv`), Hugging Face's Parquet by subject, or MedXpertQA's
 * `mmlu_medical_input.jsonl`, where the options stand in the question's text.
 */
export const mmluMedicalImporter: Importer = {
  name: "mmlu-medical",
  ...sources["mmlu-medical"],
  parts: { all: { about: "four options, six subjects", multimodal: false } },
  read,
};

async function* read(dir: string): AsyncGenerator<SourceRow> {
  const fits = (name: string) => /mmlu_medical[^/]*\.jsonl$/i.test(name) || subjectOf(name) !== undefined;
  const files = await filesLike(dir, fits, "mmlu_medical_input.jsonl, CSV or Parquet of the six subjects");
  const numbers = new Map<string, number>();
  for (const file of files) {
    const split = splitOf(file.name);
    const csv = /\.csv$/i.test(file.name);
    yield* rowsOf(withNames(file, csv), (fields) => {
      const subject = fields.maybe("subject") ?? subjectOf(file.name);
      if (subject === undefined) throw new FieldFault("subject", "expected the subject");
      if (!subjects.includes(subject))
        throw new FieldFault("subject", `${subject} is not among the six`, "other-subject");
      const key = `${split}/${subject}`;
      numbers.set(key, (numbers.get(key) ?? -1) + 1);
      return {
        question: {
          localId: `${key}/${numbers.get(key)}`,
          split,
          stem: withoutOptions(fields.text("question")),
          ...choicesOf(fields),
          group: {},
          tags: { specialty: subject, language: "en" },
        },
        images: [],
        place: fields.place,
      };
    });
  }
}

const subjectOf = (name: string): string | undefined =>
  subjects.find((subject) => new RegExp(`(^|/)${subject}([/_.-]|$)`, "i").test(name));

const splitOf = (name: string): string =>
  ({ dev: "dev", val: "validation" })[
    /(?:^|[/_-])(dev|val)(?:idation)?[-_./]/i.exec(name)?.[1]?.toLowerCase() ?? ""
  ] ?? (/auxiliary_train/i.test(basename(name)) ? "train" : "test");

/** The cells of the CSV by name: question, four options, letter. */
async function* withNames(file: SourceFile, csv: boolean) {
  for await (const entry of recordsOf(file, { headless: csv })) {
    if (!csv || "dropped" in entry) yield entry;
    else {
      const [question, A, B, C, D, label] = entry.value as string[];
      yield { ...entry, value: { question, choices: [A, B, C, D], label } };
    }
  }
}

function choicesOf(fields: Fields) {
  if (!fields.has("choices"))
    return byLetter(optionsInText(fields.text("question")), fields.value("label"), "label");
  const options = checkedOptions(fields.list("choices"), "choices");
  return fields.has("answer")
    ? byIndex(options, fields.number("answer"), "answer")
    : byLetter(options, fields.value("label"), "label");
}

/** The options of "Answer Choices: (A) … (B) … (C) … (D) …", in this order, each letter once. */
function optionsInText(question: string): string[] {
  const mark = "\nAnswer Choices:";
  const text = question.slice(question.lastIndexOf(mark) + mark.length);
  const found = [...text.matchAll(/(?<=^|\s)\(([A-Z])\)\s/g)];
  const inOrder = found.every(([, letter], at) => letter === String.fromCharCode(65 + at));
  if (question.lastIndexOf(mark) < 0 || !inOrder || found.length < 2)
    throw new FieldFault("question", "expected (A), (B), (C) … once each after Answer Choices");
  return checkedOptions(
    found.map((match, at) => text.slice(match.index + match[0].length, found[at + 1]?.index)),
    "question",
  );
}
