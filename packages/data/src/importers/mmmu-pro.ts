import type { Importer, ReadOptions, SourceRow } from "./importer.ts";
import { healthSubjects, idOf, imageType, listedOptions, picturesOf, subjectOf } from "./mmmu-record.ts";
import { byLetter, checkedOptions } from "./reading/choices.ts";
import { FieldFault, rowsOf } from "./reading/fields.ts";
import { openPictures } from "./reading/pictures.ts";
import { filesLike } from "./reading/record-files.ts";
import { recordsOf } from "./reading/records-of.ts";
import { sources } from "./sources.ts";
import { present } from "./tags.ts";

const folders = {
  "standard-10": /standard[ _-]*\(?10/i,
  "standard-4": /standard[ _-]*\(?4/i,
  vision: /(^|\/)vision/i,
} as const;

/** The question stands in the picture; this takes its place in words. */
const VISION_STEM = "Answer the question that the picture shows.";

/** MMMU-Pro: Hugging Face's folders `standard (4 options)`, `standard (10 options)` and `vision`, or JSONL with pictures beside it. */
export const mmmuProImporter: Importer = {
  name: "mmmu-pro",
  ...sources["mmmu-pro"],
  parts: {
    "standard-10": { about: "up to ten options", multimodal: true },
    "standard-4": { about: "up to four options", multimodal: true },
    vision: { about: "the whole question is a picture", multimodal: true },
  },
  read,
};

async function* read(dir: string, { part, images }: ReadOptions): AsyncGenerator<SourceRow> {
  const named = (name: string) => Object.entries(folders).find(([, pattern]) => pattern.test(name))?.[0];
  const files = await filesLike(
    dir,
    (name) => /\.(parquet|jsonl?)$/i.test(name) && (named(name) ?? part) === part,
    `Parquet or JSONL file of MMMU-Pro's part ${part}`,
  );
  const pictures = await openPictures(dir, images);
  for (const file of files)
    yield* rowsOf(recordsOf(file), (fields, index) => {
      // A selection without subjects is taken whole: somebody chose its questions.
      const subject = fields.has("subject") ? subjectOf(fields, file.name) : undefined;
      if (subject !== undefined && !healthSubjects.includes(subject))
        throw new FieldFault("subject", `${subject} is not of Health & Medicine`, "other-subject");
      const options = checkedOptions(listedOptions(fields, "options"), "options");
      if (part === "standard-4" && options.length > 4)
        throw new FieldFault("options", `it has ${options.length} options, more than 4`, "other-part");
      const id = idOf(fields, `test_${index}`);
      return {
        question: {
          localId: `${part}/${id}`,
          split: "test",
          stem: part === "vision" ? VISION_STEM : fields.text("question"),
          ...byLetter(options, fields.value("answer"), "answer"),
          group: {},
          tags: {
            ...present({ specialty: subject, difficulty: fields.maybe("topic_difficulty") }),
            ...imageType(fields),
            type: "multiple-choice",
            language: "en",
          },
        },
        images: picturesOf(fields, pictures),
        place: fields.place,
      };
    });
}
