import { type FileHandle, open } from "node:fs/promises";

/** Bytes that are read in pieces, from a file on disk or from memory. */
export interface ByteSource {
  size(): Promise<number>;
  /** Up to `length` bytes from `offset`; fewer at the end. */
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** A file on disk; opened at the first use. */
export function fileSource(path: string): ByteSource {
  let handle: Promise<FileHandle> | undefined;
  const file = () => {
    handle ??= open(path, "r");
    return handle;
  };
  return {
    size: async () => (await (await file()).stat()).size,
    async read(offset, length) {
      const buffer = new Uint8Array(length);
      let filled = 0;
      while (filled < length) {
        const { bytesRead } = await (await file()).read(buffer, filled, length - filled, offset + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return buffer.subarray(0, filled);
    },
    async close() {
      const opened = handle;
      handle = undefined;
      if (opened !== undefined) await (await opened).close();
    },
  };
}

/** Bytes that come whole, as those of a virtual file system do; asked for at the first use. */
export function memorySource(bytes: Uint8Array | (() => Promise<Uint8Array>)): ByteSource {
  let asked: Promise<Uint8Array> | undefined;
  const whole = () => {
    asked ??= typeof bytes === "function" ? bytes() : Promise.resolve(bytes);
    return asked;
  };
  return {
    size: async () => (await whole()).length,
    read: async (offset, length) => (await whole()).subarray(offset, offset + length),
    async close() {
      asked = undefined;
    },
  };
}
