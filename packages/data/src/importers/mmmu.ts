import type { Importer, ReadOptions, SourceRow } from "./importer.ts";
import { healthSubjects, idOf, imageType, listedOptions, picturesOf, subjectOf } from "./mmmu-record.ts";
import { byLetter, checkedOptions } from "./reading/choices.ts";
import { FieldFault, type Fields, rowsOf } from "./reading/fields.ts";
import { openPictures } from "./reading/pictures.ts";
import { pythonList } from "./reading/python-list.ts";
import { filesLike } from "./reading/record-files.ts";
import { recordsOf } from "./reading/records-of.ts";
import { sources } from "./sources.ts";
import { present } from "./tags.ts";

/** MMMU as Hugging Face publishes it: a folder of Parquet files for each subject, options as the text of a Python list. */
export const mmmuImporter: Importer = {
  name: "mmmu",
  ...sources.mmmu,
  parts: {
    health: { about: "the five subjects of Health & Medicine", multimodal: true },
    all: { about: "every subject that is there", multimodal: true },
  },
  read,
};

async function* read(dir: string, { part, images }: ReadOptions): AsyncGenerator<SourceRow> {
  const split = (name: string) => /(?:^|[/_-])(dev|validation|test)[-_.]/.exec(name)?.[1];
  const wanted = (name: string) =>
    split(name) !== undefined && (part === "all" || healthSubjects.some((subject) => name.includes(subject)));
  const files = await filesLike(dir, wanted, "dev, validation or test file of a subject of MMMU");
  const pictures = await openPictures(dir, images);
  for (const file of files)
    yield* rowsOf(recordsOf(file), (fields, index) => {
      const subject = subjectOf(fields, file.name);
      return {
        question: {
          localId: idOf(fields, `${split(file.name)}/${subject ?? "unknown"}/${index}`),
          split: split(file.name)!,
          stem: fields.text("question"),
          ...answerOf(fields),
          group: {},
          tags: {
            ...present({
              specialty: subject,
              type: fields.maybe("question_type"),
              topic: fields.maybe("subfield"),
            }),
            ...imageType(fields),
            language: "en",
          },
        },
        images: picturesOf(fields, pictures),
        place: fields.place,
      };
    });
}

function answerOf(fields: Fields) {
  const answer = fields.maybe("answer");
  if (answer === undefined || answer === "?")
    throw new FieldFault("answer", "no answer is published", "no-answer");
  const options = listedOptions(fields, "options");
  if (options.length > 0) return byLetter(checkedOptions(options, "options"), answer, "answer");
  const texts = answer.startsWith("[") ? pythonList(answer, "answer") : [answer];
  if (texts.length === 0) throw new FieldFault("answer", "expected at least one answer");
  return { options: [], gold: { text: texts[0]!, aliases: texts.slice(1) } };
}
