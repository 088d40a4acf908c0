import { basename } from "node:path";
import type { Importer, ReadOptions, SourceRow } from "./importer.ts";
import { shortAnswer } from "./reading/choices.ts";
import { FieldFault, type Fields, rowsOf } from "./reading/fields.ts";
import { embedded, openPictures, type Pictures, pictureName } from "./reading/pictures.ts";
import { filesLike } from "./reading/record-files.ts";
import { recordsOf } from "./reading/records-of.ts";
import { sources } from "./sources.ts";
import { answerType, present } from "./tags.ts";
import { isHeldOutImage } from "./vqa-rad-held-out.ts";

/** What the pictures of an organ are (Lau et al. 2018, "Images"). Heads are CT or MRI, and no record says which. */
const modalities: Readonly<Record<string, string>> = { CHEST: "x-ray", ABD: "ct", HEAD: "ct-or-mri" };

/** The source's slips of the pen in `question_type`. */
const slips: Readonly<Record<string, string>> = { ATRIB: "ATTRIB", PRSE: "PRES" };

/**
 * VQA-RAD: `trainset.json` and `testset.json`, the single file of OSF (where `phrase_type` marks the test), or Hugging Face's Parquet.
 * Part `image-disjoint` splits by image instead.
 */
export const vqaRadImporter: Importer = {
  name: "vqa-rad",
  ...sources["vqa-rad"],
  parts: {
    official: { about: "the published split, whose test images are all in train too", multimodal: true },
    "image-disjoint": { about: "63 of 314 images, and all their questions, held out", multimodal: true },
  },
  read,
};

async function* read(dir: string, { part, images }: ReadOptions): AsyncGenerator<SourceRow> {
  const fits = (name: string) =>
    /^(trainset|testset)\.json$|vqa[_ -]?rad[^/]*\.json$|^(train|test)-[^/]*\.parquet$/i.test(basename(name));
  const files = await filesLike(
    dir,
    fits,
    "trainset.json, testset.json, VQA_RAD Dataset Public.json or Parquet",
  );
  const pictures = await openPictures(dir, images, [
    "images",
    "VQA_RAD Image Folder",
    "osfstorage-archive/VQA_RAD Image Folder",
  ]);
  for (const file of files) {
    const stated = /^(train|test)/i.exec(basename(file.name))?.[1]?.toLowerCase();
    yield* rowsOf(recordsOf(file), (fields, index) => rowOf(fields, index, stated, part, pictures));
  }
}

function rowOf(
  fields: Fields,
  index: number,
  stated: string | undefined,
  part: string,
  pictures: Pictures,
): SourceRow {
  const parquet = fields.has("image");
  const field = parquet ? "image" : "image_name";
  const name = pictureName(fields.value(field));
  const official = stated ?? (/^test/i.test(fields.maybe("phrase_type") ?? "") ? "test" : "train");
  if (part === "image-disjoint" && name === undefined)
    throw new FieldFault(field, "the image has no name, and the split goes by names", "image-unnamed");
  const organ = fields.maybe("image_organ")?.toUpperCase();
  const answer = shortAnswer(fields.text("answer"));
  const type = answerType(fields.maybe("answer_type")) ?? (answer.options.length > 0 ? "closed" : "open");
  return {
    question: {
      localId: fields.maybe("qid") ?? `${official}/${index}`,
      split: part === "official" ? official : isHeldOutImage(name!) ? "test" : "train",
      stem: fields.text("question"),
      ...answer,
      group: name === undefined ? {} : { image: name },
      tags: {
        ...present({
          modality: modalities[organ ?? ""],
          organ: organ?.toLowerCase(),
          task: taskOf(fields.maybe("question_type")),
          phrase: fields.maybe("phrase_type")?.toLowerCase(),
        }),
        specialty: "radiology",
        type,
        language: "en",
      },
    },
    images: [embedded(fields.value(field), field, fields.place, pictures)],
    place: fields.place,
  };
}

/** "PRES, ATTRIB" in one spelling and order. */
function taskOf(text: string | undefined): string | undefined {
  const words = text?.split(",").map((word) => word.trim().toUpperCase());
  return words
    ?.map((word) => slips[word] ?? word)
    .sort()
    .join(", ");
}
