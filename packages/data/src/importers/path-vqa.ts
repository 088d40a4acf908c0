import { createHash } from "node:crypto";
import { basename } from "node:path";
import type { Importer, ReadOptions, SourceRow } from "./importer.ts";
import { shortAnswer } from "./reading/choices.ts";
import { rowsOf } from "./reading/fields.ts";
import { embedded, openPictures, pictureName } from "./reading/pictures.ts";
import { filesLike } from "./reading/record-files.ts";
import { recordsOf } from "./reading/records-of.ts";
import { sources } from "./sources.ts";

/** PathVQA as Hugging Face publishes it: Parquet with the picture in the row; JSONL with `image` as a path is read too. */
export const pathVqaImporter: Importer = {
  name: "path-vqa",
  ...sources["path-vqa"],
  parts: { all: { about: "open and yes-or-no questions on pathology figures", multimodal: true } },
  read,
};

async function* read(dir: string, { images }: ReadOptions): AsyncGenerator<SourceRow> {
  const splitOf = (name: string) =>
    /^(train|validation|val|test)[-_.]/i.exec(basename(name))?.[1]?.toLowerCase();
  const files = await filesLike(
    dir,
    (name) => splitOf(name) !== undefined,
    "train, validation or test file of PathVQA",
  );
  const pictures = await openPictures(dir, images);
  // A split is cut into several Parquet files: questions are counted through them.
  const numbers = new Map<string, number>();
  for (const file of files) {
    const split = splitOf(file.name)!.replace(/^val$/, "validation");
    yield* rowsOf(recordsOf(file), (fields) => {
      const number = numbers.get(split) ?? 0;
      numbers.set(split, number + 1);
      const value = fields.value("image");
      const picture = embedded(value, "image", fields.place, pictures);
      const bytes = (value as { bytes?: unknown }).bytes;
      const image = bytes instanceof Uint8Array ? sha256Of(bytes) : pictureName(value);
      const answer = shortAnswer(fields.text("answer"));
      return {
        question: {
          localId: `${split}/${number}`,
          split,
          stem: fields.text("question"),
          ...answer,
          group: image === undefined ? {} : { image },
          tags: {
            specialty: "pathology",
            type: answer.options.length > 0 ? "closed" : "open",
            language: "en",
          },
        },
        images: [picture],
        place: fields.place,
      };
    });
  }
}

const sha256Of = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex").slice(0, 16);
