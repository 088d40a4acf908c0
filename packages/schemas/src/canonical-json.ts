import { createHash } from "node:crypto";

/**
 * JSON with keys sorted by UTF-16 code units and no white space, as RFC 8785 (JCS) orders it. Keys whose value is `undefined` are left
 * out, as `JSON.stringify` does. Throws a TypeError for what JSON cannot hold: non-finite numbers, functions, bigints.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === "boolean" || typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number") {
    if (!Number.isFinite(value))
      throw new TypeError(
        `canonical JSON cannot hold the number ${value}; leave it out with withoutNonFinite`,
      );
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object")
    throw new TypeError(`canonical JSON cannot hold a value of type ${typeof value}`);
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(",")}}`;
}

/** sha256 of bytes, or of the UTF-8 bytes of a string, in lower-case hex. */
export function sha256Hex(content: Uint8Array | string): string {
  return createHash("sha256").update(content).digest("hex");
}

/** The id of a record: the first 16 hex digits of the sha256 over its canonical JSON without `id`. */
export function recordId(record: object): string {
  const { id: _, ...rest } = record as Record<string, unknown>;
  return sha256Hex(canonicalJson(rest)).slice(0, 16);
}

/** The record with its `id` computed and put in place. */
export function withId<Body extends object>(record: Body): Body & { id: string } {
  return { ...record, id: recordId(record) };
}
