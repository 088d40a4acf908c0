import { NnFault } from "./fault.ts";

export type JsonObject = { readonly [key: string]: unknown };

/** Typed reads of one JSON object; every error names the file and the field. */
export type FieldReader = {
  readonly file: string;
  readonly at: string;
  has(key: string): boolean;
  raw(key: string): unknown;
  integer(key: string, fallback?: number): number;
  number(key: string, fallback?: number): number;
  boolean(key: string, fallback?: boolean): boolean;
  string(key: string, fallback?: string): string;
  integers(key: string, fallback?: readonly number[]): readonly number[];
  numbers(key: string, fallback?: readonly number[]): readonly number[];
  object(key: string): FieldReader | undefined;
  fail(key: string, problem: string): never;
};

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * @param value  parsed JSON
 * @param file   name used in errors, for example `config.json`
 * @param at     path of `value` inside the file, empty at the top
 * @throws NnFault `field-missing` | `field-wrong`
 */
export function fieldReader(value: unknown, file: string, at = ""): FieldReader {
  if (!isJsonObject(value)) {
    throw new NnFault("field-wrong", `${file}: ${at === "" ? "the file" : at} must be a JSON object`);
  }
  const path = (key: string): string => (at === "" ? key : `${at}.${key}`);
  const fail = (key: string, problem: string): never => {
    throw new NnFault("field-wrong", `${file}: ${path(key)} ${problem}`);
  };
  /** null counts as absent, as in transformers' config files. */
  const read = <T>(key: string, fallback: T | undefined, kind: string, is: (v: unknown) => v is T): T => {
    const found = value[key];
    if (found === undefined || found === null) {
      if (fallback !== undefined) return fallback;
      throw new NnFault("field-missing", `${file}: ${path(key)} is missing; it must be ${kind}`);
    }
    return is(found) ? found : fail(key, `must be ${kind}, found ${JSON.stringify(found)?.slice(0, 80)}`);
  };
  const isInteger = (v: unknown): v is number => Number.isInteger(v);
  const isNumber = (v: unknown): v is number => typeof v === "number" && Number.isFinite(v);
  const isList =
    (element: (v: unknown) => v is number) =>
    (v: unknown): v is readonly number[] =>
      Array.isArray(v) && v.every(element);
  return {
    file,
    at,
    has: (key) => value[key] !== undefined && value[key] !== null,
    raw: (key) => value[key],
    integer: (key, fallback) => read(key, fallback, "an integer", isInteger),
    number: (key, fallback) => read(key, fallback, "a number", isNumber),
    boolean: (key, fallback) => read(key, fallback, "true or false", (v) => typeof v === "boolean"),
    string: (key, fallback) => read(key, fallback, "a string", (v) => typeof v === "string"),
    integers: (key, fallback) => read(key, fallback, "a list of integers", isList(isInteger)),
    numbers: (key, fallback) => read(key, fallback, "a list of numbers", isList(isNumber)),
    object: (key) => {
      const found = value[key];
      return found === undefined || found === null ? undefined : fieldReader(found, file, path(key));
    },
    fail,
  };
}
