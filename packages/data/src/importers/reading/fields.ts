import type { SourcePlace } from "../import-error.ts";
import type { DroppedRow, SourceRow } from "../importer.ts";
import { type Entry, malformed } from "./entry.ts";

/** What is wrong with a field of a record; it becomes a dropped row, never more. */
export class FieldFault extends Error {
  readonly field: string;
  readonly reason: string;
  constructor(field: string, detail: string, reason = "malformed") {
    super(detail);
    this.field = field;
    this.reason = reason;
  }
}

/** A record's fields. What is not as it must be throws a FieldFault, which `rowsOf` turns into a dropped row with file, line and field. */
export interface Fields {
  readonly place: SourcePlace;
  /** The record's name in a file that is an object of records. */
  readonly key: string | undefined;
  has(name: string): boolean;
  value(name: string): unknown;
  /** Text that is not empty, trimmed; a number is taken as text. */
  text(name: string): string;
  /** As `text`; undefined when the field is missing, null or empty. */
  maybe(name: string): string | undefined;
  number(name: string): number;
  list(name: string): unknown[];
  object(name: string): Record<string, unknown>;
}

export function fieldsOf(value: unknown, place: SourcePlace, key?: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new FieldFault("", `expected a record with fields, got ${kindOf(value)}`);
  const record = value as Record<string, unknown>;
  const get = (name: string): unknown => (Object.hasOwn(record, name) ? record[name] : undefined);
  const maybe = (name: string): string | undefined => {
    const found = get(name);
    if (found === undefined || found === null) return undefined;
    if (typeof found === "number" && Number.isFinite(found)) return String(found);
    if (typeof found !== "string") throw new FieldFault(name, `expected text, got ${kindOf(found)}`);
    return found.trim() === "" ? undefined : found.trim();
  };
  return {
    place,
    key,
    has: (name) => get(name) !== undefined && get(name) !== null,
    value: get,
    maybe,
    text(name) {
      const found = maybe(name);
      if (found !== undefined) return found;
      throw new FieldFault(name, `expected text, got ${get(name) === undefined ? "no such field" : "none"}`);
    },
    number(name) {
      const found = get(name);
      const number = typeof found === "string" && found.trim() !== "" ? Number(found) : found;
      if (typeof number === "number" && Number.isFinite(number)) return number;
      throw new FieldFault(name, `expected a number, got ${kindOf(found)}`);
    },
    list(name) {
      const found = get(name);
      if (Array.isArray(found)) return found;
      throw new FieldFault(name, `expected a list, got ${kindOf(found)}`);
    },
    object(name) {
      const found = get(name);
      if (typeof found === "object" && found !== null && !Array.isArray(found) && !ArrayBuffer.isView(found))
        return found as Record<string, unknown>;
      throw new FieldFault(name, `expected an object, got ${kindOf(found)}`);
    },
  };
}

/** A value in a few words, for messages. */
export function kindOf(value: unknown): string {
  if (value === undefined) return "no such field";
  if (value === null) return "null";
  if (ArrayBuffer.isView(value)) return "bytes";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** Rows of a file's records: `make` gives a row (or none, for a record of another part); a FieldFault in it is a dropped row. */
export async function* rowsOf(
  entries: AsyncIterable<Entry>,
  make: (fields: Fields, index: number) => SourceRow | undefined | Promise<SourceRow | undefined>,
): AsyncGenerator<SourceRow> {
  let index = 0;
  for await (const entry of entries) {
    if ("dropped" in entry) yield entry;
    else {
      let row: SourceRow | undefined;
      try {
        row = await make(fieldsOf(entry.value, entry.place, entry.key), index);
      } catch (error) {
        if (!(error instanceof FieldFault)) throw error;
        row = droppedBy(error, entry.place);
      }
      if (row !== undefined) yield row;
    }
    index += 1;
  }
}

export function droppedBy({ reason, message, field }: FieldFault, place: SourcePlace): DroppedRow {
  const where = field === "" ? place : { ...place, field };
  return reason === "malformed"
    ? malformed(message, where)
    : { dropped: reason, detail: message, place: where };
}
