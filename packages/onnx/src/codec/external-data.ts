import { GraphError } from "../graph-error.ts";
import { byteLengthOf } from "../ir/dtype-codes.ts";
import type { TensorData, TensorStorage } from "../ir/graph.ts";
import type { DType } from "../ir/types.ts";

/** A place in a file beside the model. `offset` and `length` are bytes. */
export interface ExternalPlace {
  /** Path relative to the folder of the model, with forward slashes; it may not leave that folder. */
  readonly location: string;
  readonly offset: number;
  readonly length: number;
}

/**
 * An initializer whose elements stay where they are, for instance in a `.safetensors` file: `offset` is then the end of
 * its header plus the tensor's `data_offsets[0]`.
 *
 * @throws GraphError `invalid-external-data` where the place does not fit the type and shape.
 */
export function externalInitializer(
  name: string,
  dtype: DType,
  shape: readonly number[],
  place: ExternalPlace,
): TensorData {
  const { location, offset, length } = place;
  const problem = checkLocation(location);
  if (problem !== undefined) fail(name, problem);
  if (dtype === "string") fail(name, "strings cannot be external");
  if (!Number.isSafeInteger(offset) || offset < 0) fail(name, `its offset is ${offset}`);
  const elements = shape.reduce((product, size) => product * size, 1);
  const expected = byteLengthOf(dtype, elements);
  if (length !== expected) fail(name, `${dtype}[${shape.join(",")}] takes ${expected} bytes, not ${length}`);
  return { name, dtype, shape, storage: { kind: "external", location, offset, length } };
}

/** Storage from the `external_data` entries of a TensorProto. Keys that the specification does not name are kept. */
export function externalStorage(entries: ReadonlyMap<string, string>, name: string): TensorStorage {
  const location = entries.get("location") ?? "";
  const problem = checkLocation(location);
  if (problem !== undefined) fail(name, problem);
  const offset = byteCount(entries, "offset", name);
  const length = byteCount(entries, "length", name);
  const checksum = entries.get("checksum");
  const other = [...entries].filter(([key]) => !["location", "offset", "length", "checksum"].includes(key));
  return {
    kind: "external",
    location,
    ...(offset === undefined ? {} : { offset }),
    ...(length === undefined ? {} : { length }),
    ...(checksum === undefined ? {} : { checksum }),
    ...(other.length === 0 ? {} : { other: new Map(other) }),
  };
}

function byteCount(entries: ReadonlyMap<string, string>, key: string, name: string): number | undefined {
  const text = entries.get(key);
  if (text === undefined) return undefined;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : fail(name, `its ${key} is "${text}"`);
}

function checkLocation(location: string): string | undefined {
  if (location === "") return "it names no file";
  if (/^([/\\]|[a-z]:)/i.test(location) || location.includes("\0"))
    return `"${location}" is not a relative path`;
  if (location.split(/[/\\]/).includes("..")) return `"${location}" leaves the folder of the model`;
  return undefined;
}

function fail(name: string, what: string): never {
  throw new GraphError("invalid-external-data", `External data of the tensor "${name}": ${what}.`);
}
