import { basename } from "node:path";
import type { Importer, ReadOptions, SourceRow } from "./importer.ts";
import { byLetter, optionsOf } from "./reading/choices.ts";
import { type Fields, rowsOf } from "./reading/fields.ts";
import { openPictures, type Pictures } from "./reading/pictures.ts";
import { filesLike } from "./reading/record-files.ts";
import { recordsOf } from "./reading/records-of.ts";
import { sources } from "./sources.ts";
import { present } from "./tags.ts";

const files: Readonly<Record<string, RegExp>> = {
  mcq: /^mcq\.jsonl?$/i,
  free: /^free_response\.jsonl?$/i,
  figures: /^figures\.jsonl?$/i,
};

/** Questions and figures of a textbook as JSONL: `mcq.jsonl`, `free_response.jsonl`, `figures.jsonl` with `images/`. */
export const openstaxImporter: Importer = {
  name: "openstax",
  ...sources.openstax,
  parts: {
    mcq: { about: "multiple choice from the end of each chapter", multimodal: false },
    free: { about: "open questions with a worked answer", multimodal: false },
    figures: {
      about: "figures with caption and description, as passages",
      multimodal: true,
      record: "passage",
    },
  },
  read,
};

async function* read(dir: string, { part, images }: ReadOptions): AsyncGenerator<SourceRow> {
  const found = await filesLike(
    dir,
    (name) => files[part]!.test(basename(name)),
    `${part} file (mcq.jsonl, free_response.jsonl, figures.jsonl)`,
  );
  const pictures = part === "figures" ? await openPictures(dir, images) : undefined;
  for (const file of found)
    yield* rowsOf(recordsOf(file), (fields) =>
      pictures === undefined ? question(fields, part) : figure(fields, pictures),
    );
}

function question(fields: Fields, part: string): SourceRow {
  return {
    question: {
      localId: fields.text("id"),
      split: "train",
      stem: fields.text("question"),
      ...(part === "mcq"
        ? byLetter(optionsOf(fields, "options"), fields.value("answer"), "answer")
        : { options: [], gold: { text: fields.text("answer"), aliases: [] } }),
      group: present({ case: fields.maybe("module") }),
      tags: {
        ...present({ topic: fields.maybe("section") }),
        specialty: "anatomy and physiology",
        type: part === "mcq" ? "multiple-choice" : "open",
        language: "en",
      },
    },
    images: [],
    place: fields.place,
  };
}

/** Title, caption and description in words, as far as they are there, one after the other. */
function figure(fields: Fields, pictures: Pictures): SourceRow {
  const texts = [fields.maybe("title"), fields.maybe("caption"), fields.maybe("alt")];
  return {
    passage: {
      localId: fields.text("id"),
      split: "train",
      text: texts.filter((text) => text !== undefined).join("\n"),
    },
    images: [pictures.named(fields.value("image"), "image", fields.place, "figure")],
    place: fields.place,
  };
}
