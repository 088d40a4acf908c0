import type { SourceImage } from "./importer.ts";
import { FieldFault, type Fields } from "./reading/fields.ts";
import { embedded, type Pictures, pictureName } from "./reading/pictures.ts";
import { pythonList } from "./reading/python-list.ts";
import { modalityName } from "./tags.ts";

/** The subjects of MMMU's discipline Health & Medicine. */
export const healthSubjects: readonly string[] = [
  "Basic_Medical_Science",
  "Clinical_Medicine",
  "Diagnostics_and_Laboratory_Medicine",
  "Pharmacy",
  "Public_Health",
];

/** The subject of a record: its own field, or what its id or folder says. */
export function subjectOf(fields: Fields, file: string): string | undefined {
  const stated = fields.maybe("subject");
  if (stated !== undefined) return stated.replaceAll(" ", "_");
  const [, id] = /^(?:dev|validation|test)_(.+)_\d+$/.exec(fields.maybe("id") ?? "") ?? [];
  return id ?? healthSubjects.find((subject) => file.includes(subject));
}

/** Options as a list or as the text of a Python list. */
export function listedOptions(fields: Fields, name: string): unknown[] {
  const value = fields.value(name);
  return typeof value === "string" ? pythonList(value, name) : fields.list(name);
}

/** `image_1` to `image_7` and, where a question is a picture, `image`: those that are there, in order, named by what the text calls them. */
export function picturesOf(fields: Fields, pictures: Pictures): SourceImage[] {
  const names = ["image", ...Array.from({ length: 7 }, (_, at) => `image_${at + 1}`)];
  return names
    .filter((name) => fields.has(name) && fields.value(name) !== "")
    .map((name) => embedded(fields.value(name), name, fields.place, pictures, name.replace("_", "-")));
}

/** Published copies without ids name the first picture after the question: `test_Clinical_Medicine_69_1.png`. */
export function idOf(fields: Fields, fallback: string): string {
  const named = pictureName(fields.value("image_1"))?.replace(/_\d+\.[a-z]+$/i, "");
  return fields.maybe("id") ?? (/^(dev|validation|test)_\w+_\d+$/.test(named ?? "") ? named! : fallback);
}

/** `img_type` is the text of a Python list of kinds of picture; the first is the question's modality. */
export function imageType(fields: Fields): { modality?: string } {
  const text = fields.maybe("img_type");
  if (text === undefined) return {};
  try {
    return modalityName(pythonList(text, "img_type")[0]);
  } catch (error) {
    if (error instanceof FieldFault) return modalityName(text);
    throw error;
  }
}
