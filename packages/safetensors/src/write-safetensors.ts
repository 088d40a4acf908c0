import { createHash, randomUUID } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type Dtype, dtypeTable, elementCount, isDtype } from "./dtype.ts";
import { SafetensorsError } from "./safetensors-error.ts";

/**
 * A tensor to write. `data` may be a function, which is called when its turn comes and whose result is dropped
 * afterwards: so a checkpoint larger than memory can be streamed.
 */
export type TensorSource = {
  name: string;
  dtype: Dtype;
  shape: readonly number[];
  data: ArrayBufferView | (() => ArrayBufferView | Promise<ArrayBufferView>);
};

export type WrittenFile = { path: string; bytes: number; sha256: string };

/**
 * Writes a file atomically: to a temporary name beside it, flushed to the disk, then renamed. A reader sees the old file
 * or the whole new one. Bytes equal those of the reference writer (wide dtypes first, then by name; header padded to 8)
 * when there is at most one metadata key, whose order the reference leaves to chance.
 */
export async function writeSafetensors(
  path: string,
  tensors: Iterable<TensorSource>,
  { metadata }: { metadata?: Readonly<Record<string, string>> } = {},
): Promise<WrittenFile> {
  const ordered = inReferenceOrder(tensors);
  const header = encodeHeader(ordered, metadata);
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  const hash = createHash("sha256");
  let bytes = 0;
  try {
    const handle = await open(temporary, "wx");
    try {
      const write = async (chunk: Uint8Array) => {
        hash.update(chunk);
        bytes += chunk.length;
        await writeFully(handle, chunk);
      };
      await write(header);
      for (const tensor of ordered) for (const chunk of chunks(await bytesOf(tensor))) await write(chunk);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  return { path, bytes, sha256: hash.digest("hex") };
}

/** Bytes of a tensor's data by dtype and shape. */
export function tensorBytes({ dtype, shape }: Pick<TensorSource, "dtype" | "shape">): number {
  return elementCount(shape) * dtypeTable[dtype].bytes;
}

function inReferenceOrder(tensors: Iterable<TensorSource>): TensorSource[] {
  const seen = new Set<string>();
  const list = [...tensors];
  for (const { name, dtype, shape } of list) {
    const invalid = (why: string): never => {
      throw new SafetensorsError(
        "SAFETENSORS_TENSOR_INVALID",
        `tensor ${JSON.stringify(name)} cannot be written: ${why}.`,
      );
    };
    if (name === "__metadata__") invalid("the format reserves that name");
    if (seen.has(name)) invalid("another one has the same name");
    if (!isDtype(dtype)) invalid(`dtype ${JSON.stringify(dtype)} is unknown`);
    if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0)) invalid(`[${shape}] is not a shape`);
    seen.add(name);
  }
  return list.sort(
    (a, b) =>
      dtypeTable[b.dtype].rank - dtypeTable[a.dtype].rank ||
      Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)),
  );
}

/** Size field and JSON, padded with spaces so that the data starts at a multiple of 8. */
function encodeHeader(
  tensors: readonly TensorSource[],
  metadata?: Readonly<Record<string, string>>,
): Uint8Array {
  const parts: string[] = [];
  if (metadata && Object.keys(metadata).length > 0) parts.push(`"__metadata__":${JSON.stringify(metadata)}`);
  let offset = 0;
  for (const tensor of tensors) {
    const end = offset + tensorBytes(tensor);
    const entry = { dtype: tensor.dtype, shape: tensor.shape, data_offsets: [offset, end] };
    parts.push(`${JSON.stringify(tensor.name)}:${JSON.stringify(entry)}`); // not one object: keys like "0" would be reordered
    offset = end;
  }
  const json = Buffer.from(`{${parts.join(",")}}`);
  const padded = Math.ceil(json.length / 8) * 8;
  const header = Buffer.alloc(8 + padded, " ");
  header.writeBigUInt64LE(BigInt(padded));
  json.copy(header, 8);
  return header;
}

async function bytesOf(tensor: TensorSource): Promise<Uint8Array> {
  const view = typeof tensor.data === "function" ? await tensor.data() : tensor.data;
  if (view.byteLength !== tensorBytes(tensor))
    throw new SafetensorsError(
      "SAFETENSORS_TENSOR_INVALID",
      `tensor ${JSON.stringify(tensor.name)} of ${tensor.dtype}[${tensor.shape}] needs ${tensorBytes(tensor)} bytes but its data has ${view.byteLength}.`,
    );
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

function* chunks(bytes: Uint8Array, size = 1 << 24): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

async function writeFully(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  let done = 0;
  while (done < chunk.length) done += (await handle.write(chunk, done)).bytesWritten;
}

/** Makes a rename durable; a platform that cannot open a folder (Windows) has nothing to sync. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
