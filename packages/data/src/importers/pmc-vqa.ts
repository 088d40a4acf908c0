import { basename } from "node:path";
import type { Importer, ReadOptions, SourceRow } from "./importer.ts";
import { byLetter, byText, checkedOptions } from "./reading/choices.ts";
import { type Fields, fieldsOf, rowsOf } from "./reading/fields.ts";
import { openPictures } from "./reading/pictures.ts";
import { filesLike } from "./reading/record-files.ts";
import { recordsOf } from "./reading/records-of.ts";
import { sources } from "./sources.ts";

/** Each part is one of the published files. */
const files: Readonly<Record<string, { file: string; split: string }>> = {
  "test-clean": { file: "test_clean", split: "test" },
  test: { file: "test", split: "test" },
  train: { file: "train", split: "train" },
  "test-2": { file: "test_2", split: "test" },
  "train-2": { file: "train_2", split: "train" },
};

/** PMC-VQA, both published shapes of its CSV files, with `images.zip` or `images_2.zip` packed or unpacked. */
export const pmcVqaImporter: Importer = {
  name: "pmc-vqa",
  ...sources["pmc-vqa"],
  parts: Object.fromEntries(
    Object.entries(files).map(([part, { file }]) => [part, { about: `${file}.csv`, multimodal: true }]),
  ),
  read,
};

async function* read(dir: string, { part, images }: ReadOptions): AsyncGenerator<SourceRow> {
  const { file: wanted, split } = files[part]!;
  const fits = (name: string) => new RegExp(`^${wanted}\\.(csv|jsonl|parquet)$`, "i").test(basename(name));
  const found = await filesLike(dir, fits, `${wanted}.csv`);
  const pictures = await openPictures(dir, images, ["images", "images_2", "figures"]);
  for (const file of found)
    yield* rowsOf(recordsOf(file), (raw, index) => {
      const fields = trimmedNames(raw);
      const figure = fields.text("Figure_path");
      const caption = fields.maybe("Caption");
      return {
        question: {
          localId: `${part}/${fields.maybe("index") ?? index}`,
          split,
          stem: fields.text("Question"),
          ...choicesOf(fields),
          ...(caption === undefined ? {} : { findings: caption }),
          group: { image: figure },
          tags: { type: "multiple-choice", language: "en" },
        },
        images: [pictures.named(figure, "Figure_path", fields.place)],
        place: fields.place,
      };
    });
}

/** The first files write " Question" and " Choice A", with a blank in front. */
function trimmedNames(fields: Fields): Fields {
  const names = [
    ...["index", "Figure_path", "Caption", "Question", "Answer", "Answer_label", "Anwser_label"],
    ...["Choice A", "Choice B", "Choice C", "Choice D"],
  ];
  const value = Object.fromEntries(
    names.map((name) => [name, fields.value(name) ?? fields.value(` ${name}`)]),
  );
  return fieldsOf(value, fields.place, fields.key);
}

function choicesOf(fields: Fields) {
  const options = checkedOptions(
    ["A", "B", "C", "D"].map((letter) => withoutLetter(fields.text(`Choice ${letter}`), letter)),
    "Choice A",
  );
  const label = fields.maybe("Answer_label") ?? fields.maybe("Anwser_label");
  if (label !== undefined) return byLetter(options, label, "Answer_label");
  const answer = fields.text("Answer");
  return /^[A-D]$/i.test(answer)
    ? byLetter(options, answer, "Answer")
    : byText(options, answer.replace(/^[A-D]\s*:\s*/, ""), "Answer");
}

/** " B: Left ventricle " → "Left ventricle". */
const withoutLetter = (text: string, letter: string): string =>
  text.startsWith(`${letter}:`) ? text.slice(2).trim() : text;
