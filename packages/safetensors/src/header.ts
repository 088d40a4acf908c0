/**
 * The header of a safetensors file: 8 bytes little-endian size N, N bytes of JSON, then the data.
 * Everything is checked before a byte of data is touched: a file may be hostile.
 */
import { type Dtype, dtypeTable, elementCount, isDtype } from "./dtype.ts";
import { findDuplicateKey } from "./duplicate-key.ts";
import { SafetensorsError, type SafetensorsErrorCode } from "./safetensors-error.ts";

/** Where a tensor lies. `offset` counts from the start of the file, in bytes; `length` is in bytes. */
export type TensorEntry = { dtype: Dtype; shape: readonly number[]; offset: number; length: number };

export type Header = {
  entries: Map<string, TensorEntry>;
  metadata: Readonly<Record<string, string>>;
  /** First byte of the data section, from the start of the file. */
  dataOffset: number;
};

/** The limit of the reference implementation (`MAX_HEADER_SIZE`). */
export const maxHeaderBytes = 100_000_000;

/** Size of the JSON part, from the first eight bytes; throws when it cannot fit the file or passes the limit. */
export function headerSize(firstBytes: Uint8Array, fileBytes: number, path: string): number {
  if (fileBytes < 8 || firstBytes.length < 8)
    throw new SafetensorsError(
      "SAFETENSORS_TRUNCATED",
      `${path}: ${fileBytes} bytes are too few for a safetensors file; it was probably cut off, fetch it again.`,
    );
  const size = new DataView(firstBytes.buffer, firstBytes.byteOffset, 8).getBigUint64(0, true);
  if (size > BigInt(maxHeaderBytes))
    throw new SafetensorsError(
      "SAFETENSORS_HEADER_TOO_LARGE",
      `${path}: the header claims ${size} bytes, more than the ${maxHeaderBytes} that the format allows; this is not a safetensors file or it is damaged.`,
    );
  if (Number(size) + 8 > fileBytes)
    throw new SafetensorsError(
      "SAFETENSORS_TRUNCATED",
      `${path}: the header needs ${size} bytes and the file has ${fileBytes - 8} after its size field; it was probably cut off, fetch it again.`,
    );
  return Number(size);
}

/** Parses and checks the JSON part (`json`, without the size field) against the size of the whole file. */
export function parseHeader(json: Uint8Array, fileBytes: number, path: string): Header {
  const fail = (code: SafetensorsErrorCode, what: string, cause?: unknown): never => {
    throw new SafetensorsError(code, `${path}: ${what}`, cause === undefined ? undefined : { cause });
  };
  let text = "";
  let root: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(json);
    root = JSON.parse(text);
  } catch (cause) {
    fail(
      "SAFETENSORS_HEADER_INVALID",
      "the header is not UTF-8 JSON; this is not a safetensors file or it is damaged.",
      cause,
    );
  }
  if (!text.startsWith("{") || !isRecord(root))
    return fail(
      "SAFETENSORS_HEADER_INVALID",
      "the header must be a JSON object that starts at its first byte.",
    );
  const duplicate = findDuplicateKey(text);
  if (duplicate !== null)
    fail("SAFETENSORS_HEADER_INVALID", `the header has the key ${JSON.stringify(duplicate)} twice.`);

  const dataOffset = 8 + json.length;
  const entries = new Map<string, TensorEntry>();
  let metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(root)) {
    if (name === "__metadata__") {
      if (!isRecord(value) || !Object.values(value).every((item) => typeof item === "string"))
        return fail("SAFETENSORS_HEADER_INVALID", "__metadata__ must map strings to strings.");
      metadata = value as Record<string, string>;
      continue;
    }
    entries.set(name, parseEntry(name, value, dataOffset, fail));
  }
  return { entries: inFileOrder(entries, dataOffset, fileBytes, fail), metadata, dataOffset };
}

type Fail = (code: SafetensorsErrorCode, what: string) => never;

function parseEntry(name: string, value: unknown, dataOffset: number, fail: Fail): TensorEntry {
  const quoted = JSON.stringify(name);
  if (!isRecord(value))
    return fail("SAFETENSORS_HEADER_INVALID", `tensor ${quoted} must be described by an object.`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (!isDtype(dtype))
    return fail(
      "SAFETENSORS_DTYPE_UNSUPPORTED",
      `tensor ${quoted} has dtype ${JSON.stringify(dtype)}; known are ${Object.keys(dtypeTable).join(", ")}.`,
    );
  if (!isSizes(shape)) return fail("SAFETENSORS_HEADER_INVALID", `tensor ${quoted} has no valid shape.`);
  if (!isSizes(offsets) || offsets.length !== 2 || offsets[0]! > offsets[1]!)
    return fail("SAFETENSORS_HEADER_INVALID", `tensor ${quoted} has no valid data_offsets.`);
  const length = offsets[1]! - offsets[0]!;
  const expected = elementCount(shape) * dtypeTable[dtype].bytes;
  if (length !== expected)
    return fail(
      "SAFETENSORS_LAYOUT_INVALID",
      `tensor ${quoted} of ${dtype}[${shape}] needs ${expected} bytes but its data_offsets hold ${length}.`,
    );
  return { dtype, shape, offset: dataOffset + offsets[0]!, length };
}

/** Entries by position; throws unless they fill the data section without overlap and without a gap. */
function inFileOrder(
  entries: Map<string, TensorEntry>,
  dataOffset: number,
  fileBytes: number,
  fail: Fail,
): Map<string, TensorEntry> {
  const sorted = [...entries].sort(([, a], [, b]) => a.offset - b.offset || a.length - b.length);
  let end = dataOffset;
  for (const [name, entry] of sorted) {
    if (entry.offset !== end)
      fail(
        "SAFETENSORS_LAYOUT_INVALID",
        `tensor ${JSON.stringify(name)} starts at byte ${entry.offset}, ${entry.offset < end ? "inside the tensor before it" : "after a gap"} (expected ${end}).`,
      );
    end = entry.offset + entry.length;
  }
  if (end > fileBytes)
    fail(
      "SAFETENSORS_TRUNCATED",
      `the tensors need ${end} bytes but the file has ${fileBytes}; it was probably cut off, fetch it again.`,
    );
  if (end < fileBytes)
    fail("SAFETENSORS_LAYOUT_INVALID", `${fileBytes - end} bytes at the end belong to no tensor.`);
  return new Map(sorted);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}
