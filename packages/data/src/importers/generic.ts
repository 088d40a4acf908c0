import type { Question } from "@mede2/schemas";
import type { Importer, ReadOptions, SourceImage, SourceRow } from "./importer.ts";
import type { Mapping } from "./mapping.ts";
import { byIndex, byLetter, byText, checkedOptions, optionsOf, shortAnswer } from "./reading/choices.ts";
import { FieldFault, type Fields, kindOf, rowsOf } from "./reading/fields.ts";
import { embedded, openPictures, type Pictures } from "./reading/pictures.ts";
import { pythonList } from "./reading/python-list.ts";
import { filesLike } from "./reading/record-files.ts";
import { recordsOf } from "./reading/records-of.ts";
import { present } from "./tags.ts";

/** An importer of any table, by a mapping of its columns. */
export function genericImporter(mapping: Mapping): Importer {
  const { source, title, licence, revision, origin, caveats } = mapping;
  return {
    name: source,
    title: title ?? source,
    ...{ licence, revision, origin, caveats },
    parts: {
      all: { about: "every record that the mapping reads", multimodal: mapping.images !== undefined },
    },
    expected: [],
    read: (dir, options) => read(dir, options, mapping),
  };
}

async function* read(dir: string, { images }: ReadOptions, mapping: Mapping): AsyncGenerator<SourceRow> {
  const patterns = mapping.files?.map(globPattern);
  const wanted = mapping.files?.join(", ") ?? "JSON, JSONL, CSV, TSV or Parquet file";
  const fits = (name: string) => patterns?.some((pattern) => pattern.test(name)) ?? true;
  const files = await filesLike(dir, fits, wanted);
  const pictures =
    mapping.images === undefined ? undefined : await openPictures(dir, images, mapping.folders);
  for (const file of files) {
    yield* rowsOf(recordsOf(file), (fields, index) => ({
      question: {
        localId: mapping.id === undefined ? `${file.name}/${index}` : fields.text(mapping.id),
        split: textOf(fields, mapping.split),
        stem: [mapping.stem]
          .flat()
          .map((name) => fields.text(name))
          .join("\n\n"),
        ...answerOf(fields, mapping),
        ...(mapping.findings === undefined ? {} : present({ findings: fields.maybe(mapping.findings) })),
        group: present(
          Object.fromEntries(
            Object.entries(mapping.group).map(([name, column]) => [
              name,
              column === undefined ? undefined : fields.maybe(column),
            ]),
          ),
        ),
        tags: {
          ...present(
            Object.fromEntries(
              Object.entries(mapping.tags).map(([name, from]) => [name, maybeTextOf(fields, from)]),
            ),
          ),
          language: mapping.language,
        },
      },
      images: pictures === undefined ? [] : imagesOf(fields, mapping, pictures),
      place: fields.place,
    }));
  }
}

/** `*` is anything but a slash; everything else is itself. */
function globPattern(glob: string): RegExp {
  const parts = glob.split(/\*+/).map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^/]*")}$`);
}

type From = Mapping["split"];
const textOf = (fields: Fields, from: From) => (typeof from === "string" ? fields.text(from) : from.value);
const maybeTextOf = (fields: Fields, from: From) =>
  typeof from === "string" ? fields.maybe(from) : from.value;

function answerOf(fields: Fields, { options, answer }: Mapping): Pick<Question, "options" | "gold"> {
  const { column, as } = answer;
  if (options !== undefined && ["letter", "index-0", "index-1", "option-text"].includes(as)) {
    const texts = optionTexts(fields, options);
    if (as === "letter") return byLetter(texts, fields.value(column), column);
    if (as === "option-text") return byText(texts, fields.text(column), column);
    return byIndex(texts, fields.number(column) - (as === "index-1" ? 1 : 0), column);
  }
  if (
    options !== undefined ||
    as === "letter" ||
    as === "index-0" ||
    as === "index-1" ||
    as === "option-text"
  )
    throw new FieldFault(
      column,
      `an answer as ${as} ${options === undefined ? "needs" : "cannot have"} options`,
      "mapping-unfit",
    );
  if (as === "short") return shortAnswer(fields.text(column));
  if (as === "text") return { options: [], gold: { text: fields.text(column), aliases: [] } };
  const { tolerance = 0, unit = "" } = answer;
  return { options: [], gold: { value: fields.number(column), unit, tolerance } };
}

function optionTexts(fields: Fields, options: string | string[]): string[] {
  if (Array.isArray(options))
    return checkedOptions(
      options.filter((name) => fields.has(name)).map((name) => fields.value(name)),
      options[0]!,
    );
  const value = fields.value(options);
  return typeof value === "string"
    ? checkedOptions(pythonList(value, options), options)
    : optionsOf(fields, options);
}

function imagesOf(fields: Fields, mapping: Mapping, pictures: Pictures): SourceImage[] {
  const frame =
    mapping.frame !== undefined && fields.has(mapping.frame) ? fields.number(mapping.frame) : undefined;
  if (frame !== undefined && (!Number.isInteger(frame) || frame < 1))
    throw new FieldFault(mapping.frame!, `expected a frame from 1, got ${kindOf(frame)}`);
  return mapping
    .images!.filter((name) => fields.has(name) && fields.value(name) !== "")
    .flatMap((name) => {
      const values = [fields.value(name)].flat() as unknown[];
      return values.map((value) => ({
        ...embedded(value, name, fields.place, pictures),
        ...(frame === undefined ? {} : { frame }),
      }));
    });
}
