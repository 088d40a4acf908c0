import { basename } from "node:path";
import type { Importer, ReadOptions, SourceRow } from "./importer.ts";
import { shortAnswer } from "./reading/choices.ts";
import { FieldFault, rowsOf } from "./reading/fields.ts";
import { openPictures } from "./reading/pictures.ts";
import { filesLike } from "./reading/record-files.ts";
import { recordsOf } from "./reading/records-of.ts";
import { sources } from "./sources.ts";
import { answerType, modalityName, present } from "./tags.ts";

/** SLAKE: `train.json`, `validation.json`, `test.json` and `imgs/` or `imgs.zip`. */
export const slakeImporter: Importer = {
  name: "slake",
  ...sources.slake,
  parts: {
    all: { about: "English and Chinese", multimodal: true },
    en: { about: "English", multimodal: true },
    zh: { about: "Chinese", multimodal: true },
  },
  read,
};

async function* read(dir: string, { part, images }: ReadOptions): AsyncGenerator<SourceRow> {
  const fits = (name: string) => /^(train|validation|validate|test)\.jsonl?$/i.test(basename(name));
  const files = await filesLike(dir, fits, "train.json, validation.json or test.json of SLAKE");
  const pictures = await openPictures(dir, images, ["imgs", "images"]);
  for (const file of files) {
    const split = basename(file.name)
      .replace(/\.jsonl?$/i, "")
      .replace("validate", "validation");
    yield* rowsOf(recordsOf(file), (fields) => {
      const language = fields.text("q_lang").toLowerCase();
      if (part !== "all" && language !== part)
        throw new FieldFault("q_lang", `it is in ${language}`, "other-language");
      const answer = shortAnswer(fields.text("answer"));
      return {
        question: {
          localId: fields.text("qid"),
          split,
          stem: fields.text("question"),
          ...answer,
          group: { image: fields.text("img_name") },
          tags: {
            ...present({
              organ: fields.maybe("location")?.toLowerCase(),
              task: fields.maybe("content_type"),
              type: answerType(fields.maybe("answer_type")),
              base: fields.maybe("base_type"),
            }),
            ...modalityName(fields.maybe("modality")),
            specialty: "radiology",
            language,
          },
        },
        images: [pictures.named(fields.value("img_name"), "img_name", fields.place)],
        place: fields.place,
      };
    });
  }
}
