import { readFile } from "node:fs/promises";
import { z } from "zod";
import { ImportError } from "./import-error.ts";

const column = z.string().min(1);
/** A column of the record, or the same value for all. */
const columnOrValue = z.union([column, z.strictObject({ value: z.string().min(1) })], {
  error: 'expected the name of a column, or {"value": "…"}',
});

/** What `generic` needs to know of a table: which columns hold what. `docs/data.md` describes it for people. */
export const mappingSchema = z.strictObject({
  /** Name of the source in ids: letters, digits, dots and hyphens. */
  source: z.string().regex(/^[\w.-]+$/, "expected letters, digits, dots and hyphens"),
  title: z.string().min(1).optional(),
  licence: z.string().min(1),
  revision: z.string().min(1),
  origin: z.string().min(1).default("not stated"),
  /** Which files of the folder, relative, `*` for anything but `/`. Default: every file of records. */
  files: z.array(z.string().min(1)).min(1).optional(),
  /** Default: the number of the record in its file. */
  id: column.optional(),
  split: columnOrValue,
  /** Several columns are joined by an empty line. */
  stem: z.union([column, z.array(column).min(1)]),
  /** A column with a list, an object by letter or the text of a Python list; or one column an option. None: open questions. */
  options: z.union([column, z.array(column).min(2)]).optional(),
  answer: z.strictObject({
    column,
    as: z.enum(["letter", "index-0", "index-1", "option-text", "text", "short", "number"]),
    /** Of a number: absolute, in its unit. Default 0. */
    tolerance: z.number().min(0).optional(),
    unit: z.string().optional(),
  }),
  /** Columns with a path, a list of paths, or a picture itself. */
  images: z.array(column).min(1).optional(),
  /** Column with the frame of a DICOM file, from 1. */
  frame: column.optional(),
  /** Folders in which the paths are looked for. */
  folders: z.array(z.string()).default(["images"]),
  findings: column.optional(),
  group: z
    .strictObject({
      patient: column.optional(),
      image: column.optional(),
      case: column.optional(),
      stem: column.optional(),
    })
    .default({}),
  tags: z.record(z.string().min(1), columnOrValue).default({}),
  language: z.string().min(1).default("en"),
  caveats: z.array(z.string()).default([]),
});

export type Mapping = z.infer<typeof mappingSchema>;
export type MappingInput = z.input<typeof mappingSchema>;

/** Reads a mapping file. Throws `IMPORT_MAP_INVALID` with the field. */
export async function readMapping(file: string): Promise<Mapping> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, "utf8"));
  } catch (cause) {
    throw new ImportError(
      "IMPORT_MAP_INVALID",
      `expected a JSON file (${(cause as Error).message}).`,
      { file },
      cause,
    );
  }
  return checkMapping(value, file);
}

export function checkMapping(value: unknown, file: string): Mapping {
  const result = mappingSchema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = issue!.path.join(".");
  throw new ImportError("IMPORT_MAP_INVALID", `${issue!.message}; docs/data.md shows a mapping.`, {
    file,
    ...(field === "" ? {} : { field }),
  });
}
