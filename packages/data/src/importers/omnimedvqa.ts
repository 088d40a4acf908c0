import type { Importer, ReadOptions, SourceRow } from "./importer.ts";
import { byText, checkedOptions } from "./reading/choices.ts";
import { rowsOf } from "./reading/fields.ts";
import { openPictures } from "./reading/pictures.ts";
import { filesLike } from "./reading/record-files.ts";
import { recordsOf } from "./reading/records-of.ts";
import { sources } from "./sources.ts";
import { modalityName, present } from "./tags.ts";

/** OmniMedVQA: `QA_information/Open-access/*.json` and `Images/`; the gold answer is a text that one option repeats. */
export const omnimedvqaImporter: Importer = {
  name: "omnimedvqa",
  ...sources.omnimedvqa,
  parts: {
    open: { about: "the open-access data sets", multimodal: true },
    restricted: { about: "the restricted-access data sets, where you have their pictures", multimodal: true },
  },
  read,
};

async function* read(dir: string, { part, images }: ReadOptions): AsyncGenerator<SourceRow> {
  const restricted = part === "restricted";
  const fits = (name: string) =>
    /\.jsonl?$/i.test(name) && /restricted[-_ ]access/i.test(name) === restricted;
  const files = await filesLike(
    dir,
    fits,
    `JSON file of QA_information/${restricted ? "Restricted" : "Open"}-access`,
  );
  const pictures = await openPictures(dir, images, ["Images", "images"]);
  for (const file of files)
    yield* rowsOf(recordsOf(file), (fields) => {
      const options = ["option_A", "option_B", "option_C", "option_D", "option_E"]
        .filter((name) => fields.maybe(name) !== undefined)
        .map((name) => fields.text(name));
      const dataset = fields.maybe("dataset");
      const path = fields.value("image_path");
      return {
        question: {
          localId: fields.text("question_id"),
          split: "test",
          stem: fields.text("question"),
          ...byText(checkedOptions(options, "option_A"), fields.text("gt_answer"), "gt_answer"),
          group: typeof path === "string" ? { image: path } : {},
          tags: {
            ...present({ task: fields.maybe("question_type"), dataset }),
            ...modalityName(fields.maybe("modality_type")),
            type: "multiple-choice",
            language: "en",
          },
        },
        images: [pictures.named(path, "image_path", fields.place)],
        place: fields.place,
      };
    });
}
