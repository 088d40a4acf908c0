import { createHash } from "node:crypto";
import type { Importer, ReadOptions, SourceRow } from "./importer.ts";
import { byLetter, optionsOf } from "./reading/choices.ts";
import { FieldFault, type Fields, kindOf, rowsOf } from "./reading/fields.ts";
import { openPictures, type Pictures } from "./reading/pictures.ts";
import { filesLike } from "./reading/record-files.ts";
import { recordsOf } from "./reading/records-of.ts";
import { sources } from "./sources.ts";
import { present } from "./tags.ts";

/** Text and MM, in both published shapes: options as an object or a list of `{letter, content}`, images as names or `{image_path}`. */
export const medxpertqaImporter: Importer = {
  name: "medxpertqa",
  ...sources.medxpertqa,
  parts: {
    text: { about: "text alone, ten options", multimodal: false },
    mm: { about: "with images, five options", multimodal: true },
    "text-sample": { about: "the published sample of Text", multimodal: false },
    "mm-sample": { about: "the published sample of MM", multimodal: true },
  },
  read,
};

async function* read(dir: string, { part, images }: ReadOptions): AsyncGenerator<SourceRow> {
  const [kind, sample] = part.split("-");
  const fits = (name: string) =>
    partOf(name) === kind &&
    /sampled/i.test(name) === (sample !== undefined) &&
    /\.(jsonl|parquet)$/i.test(name);
  const files = await filesLike(dir, fits, `file of MedXpertQA's part ${part}`);
  const pictures = kind === "mm" ? await openPictures(dir, images, ["images", "MM/images"]) : undefined;
  for (const file of files) {
    const split = /(^|[/_-])dev[-_.]/i.test(file.name) ? "dev" : "test";
    yield* rowsOf(recordsOf(file), (fields) => rowOf(fields, split, pictures));
  }
}

/** The last of "Text" and "MM" in the path: folders and file names both tell. */
function partOf(name: string): string | undefined {
  const found = [...name.matchAll(/(?:^|[/_-])(text|mm)(?=[/_.-])/gi)].at(-1);
  return found?.[1]?.toLowerCase();
}

function rowOf(fields: Fields, split: string, pictures: Pictures | undefined): SourceRow {
  const id = fields.text("id");
  const stem = withoutOptions(fields.text("question"));
  return {
    question: {
      localId: split === "test" ? id : `${split}/${id}`,
      split,
      stem,
      ...byLetter(optionsOf(fields, "options"), fields.value("label"), "label"),
      group: { stem: stemGroup(stem) },
      tags: {
        ...present({
          task: fields.maybe("medical_task"),
          specialty: fields.maybe("body_system"),
          type: fields.maybe("question_type"),
        }),
        language: "en",
      },
    },
    images: pictures === undefined ? [] : imagesOf(fields, pictures),
    place: fields.place,
  };
}

function imagesOf(fields: Fields, pictures: Pictures) {
  return fields.list("images").map((item, at) => {
    const name =
      typeof item === "object" && item !== null ? (item as { image_path?: unknown }).image_path : item;
    if (name === undefined)
      throw new FieldFault(`images.${at}`, `expected a name or {image_path}, got ${kindOf(item)}`);
    return pictures.named(name, `images.${at}`, fields.place, `figure-${at + 1}`);
  });
}

/** The question without "Answer Choices: (A) … (B) …", which repeats the options. */
export function withoutOptions(question: string): string {
  const at = question.lastIndexOf("\nAnswer Choices:");
  return (at < 0 ? question : question.slice(0, at)).trim();
}

/** The same for stems that are the same up to case, white space and punctuation. */
function stemGroup(stem: string): string {
  const folded = stem
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
  return createHash("sha256").update(folded).digest("hex").slice(0, 16);
}
