import { NnFault } from "../fault.ts";
import type { FieldReader } from "../json-fields.ts";

export function unsupportedUnless(from: FieldReader, key: string, only: string): void {
  const value = from.string(key, only);
  if (value !== only) unsupported(from, key, `"${value}" (only "${only}" is implemented)`);
}

export function unsupported(from: FieldReader, key: string, what: string): never {
  const path = from.at === "" ? key : `${from.at}.${key}`;
  throw new NnFault("config-unsupported", `${from.file}: ${path} is not supported: ${what}`);
}
