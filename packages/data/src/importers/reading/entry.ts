import type { SourcePlace } from "../import-error.ts";
import type { DroppedRow } from "../importer.ts";

/** One record of a file before anything is known of its fields; `key` is its name where the file is an object of records. */
export type Entry = { value: unknown; place: SourcePlace; key?: string } | DroppedRow;

export const malformed = (detail: string, place: SourcePlace): DroppedRow => ({
  dropped: "malformed",
  detail,
  place,
});

/** One line's worth of an error's message: parsers quote what they read, and that may be long. */
export const brief = (error: unknown): string => String((error as Error)?.message ?? error).slice(0, 200);
