import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { type Dtype, elementsAt, type TensorData } from "./dtype.ts";
import { type Header, headerSize, parseHeader, type TensorEntry } from "./header.ts";
import { SafetensorsError } from "./safetensors-error.ts";

/** A tensor: raw elements in row-major order. For F16 and BF16 `data` holds bit patterns; see `toFloat32`. */
export type SafeTensor = { name: string; dtype: Dtype; shape: readonly number[]; data: TensorData };

/** An opened file. Entries are in file order. */
export interface SafetensorsFile {
  readonly path: string;
  readonly entries: ReadonlyMap<string, TensorEntry>;
  readonly metadata: Readonly<Record<string, string>>;
  /** The tensor of that name; throws `SAFETENSORS_TENSOR_MISSING`. */
  tensor(name: string): SafeTensor;
}

/**
 * Reads a whole file into one ArrayBuffer. `tensor(name)` is then a view of it, without a copy, unless the tensor does
 * not start at a multiple of its element size (the reference writer never makes such a file). Views share memory:
 * writing to one writes to the buffer.
 */
export function readSafetensors(path: string): SafetensorsFile {
  return withFile(path, (descriptor, fileBytes) => {
    const header = readHeader(descriptor, fileBytes, path);
    // The data section gets its own buffer, so that alignment does not depend on the length of the header.
    const data = readAt(descriptor, header.dataOffset, fileBytes - header.dataOffset, path);
    return file(path, header, ({ offset, length, dtype }) =>
      elementsAt(data, offset - header.dataOffset, length, dtype),
    );
  });
}

/** Reads the header only; `tensor(name)` then reads that tensor's bytes from the disk into a fresh buffer each time. */
export function openSafetensors(path: string): SafetensorsFile {
  return withFile(path, (descriptor, fileBytes) =>
    file(path, readHeader(descriptor, fileBytes, path), ({ offset, length, dtype }) =>
      elementsAt(
        withFile(path, (again) => readAt(again, offset, length, path)),
        0,
        length,
        dtype,
      ),
    ),
  );
}

function file(
  path: string,
  { entries, metadata }: Header,
  load: (entry: TensorEntry) => TensorData,
): SafetensorsFile {
  return {
    path,
    entries,
    metadata,
    tensor(name) {
      const entry = entries.get(name);
      if (!entry)
        throw new SafetensorsError(
          "SAFETENSORS_TENSOR_MISSING",
          `${path} holds no tensor ${JSON.stringify(name)}; it has ${entries.size}, the first are ${[...entries.keys()].slice(0, 5).join(", ")}.`,
        );
      return { name, dtype: entry.dtype, shape: entry.shape, data: load(entry) };
    },
  };
}

function readHeader(descriptor: number, fileBytes: number, path: string): Header {
  const first = new Uint8Array(readAt(descriptor, 0, Math.min(8, fileBytes), path));
  const size = headerSize(first, fileBytes, path);
  return parseHeader(new Uint8Array(readAt(descriptor, 8, size, path)), fileBytes, path);
}

function withFile<T>(path: string, use: (descriptor: number, fileBytes: number) => T): T {
  let descriptor: number;
  try {
    descriptor = openSync(path, "r");
  } catch (cause) {
    throw new SafetensorsError(
      "SAFETENSORS_NOT_FOUND",
      `${path} cannot be opened: ${(cause as Error).message}`,
      { cause },
    );
  }
  try {
    return use(descriptor, fstatSync(descriptor).size);
  } finally {
    closeSync(descriptor);
  }
}

const chunkBytes = 1 << 30; // one read call takes less than 2 GiB

function readAt(descriptor: number, position: number, length: number, path: string): ArrayBuffer {
  const buffer = new ArrayBuffer(length);
  let done = 0;
  while (done < length) {
    const read = readSync(descriptor, new Uint8Array(buffer, done, Math.min(chunkBytes, length - done)), {
      position: position + done,
    });
    if (read === 0)
      throw new SafetensorsError(
        "SAFETENSORS_TRUNCATED",
        `${path} ended at byte ${position + done}, ${length - done} bytes early; did another program change it?`,
      );
    done += read;
  }
  return buffer;
}
