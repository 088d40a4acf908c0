import { basename, posix } from "node:path";
import type { ImageRegion } from "@mede2/schemas";
import type { Importer, ReadOptions, SourceImage, SourceRow } from "./importer.ts";
import { shortAnswer } from "./reading/choices.ts";
import { FieldFault, rowsOf } from "./reading/fields.ts";
import { openPictures, type Pictures } from "./reading/pictures.ts";
import { filesLike } from "./reading/record-files.ts";
import { recordsOf } from "./reading/records-of.ts";
import { sources } from "./sources.ts";
import { answerType, modalityName, present } from "./tags.ts";

/** SLAKE: `train.json`, `validation.json`, `test.json` and `imgs/` or `imgs.zip`, with the boxes of organs and findings in a `detection.json` beside each picture. */
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
        images: [marked(pictures.named(fields.value("img_name"), "img_name", fields.place), pictures)],
        place: fields.place,
      };
    });
  }
}

/** The picture with what `detection.json` beside it marks: `[{"Heart": [x, y, width, height]}, …]` in pixels. A file that says something else marks nothing. */
function marked(image: SourceImage, pictures: Pictures): SourceImage {
  const file = posix.join(posix.dirname(image.key ?? ""), "detection.json");
  return { ...image, regions: async () => regionsOf(await pictures.beside(file)) };
}

function regionsOf(bytes: Uint8Array | undefined): ImageRegion[] {
  if (bytes === undefined) return [];
  let found: unknown;
  try {
    found = JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    return [];
  }
  if (!Array.isArray(found)) return [];
  return found.flatMap((each: unknown) =>
    typeof each !== "object" || each === null
      ? []
      : Object.entries(each).flatMap(([name, box]): ImageRegion[] => {
          if (!Array.isArray(box) || box.length !== 4 || !box.every(Number.isFinite)) return [];
          const [x, y, width, height] = box as [number, number, number, number];
          return name === "" || x < 0 || y < 0 || width <= 0 || height <= 0
            ? []
            : [{ name, x, y, width, height }];
        }),
  );
}
