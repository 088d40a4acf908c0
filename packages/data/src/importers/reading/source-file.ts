import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";

/** A file of a source: in its folder, or inside a ZIP in its folder. */
export interface SourceFile {
  /** Relative to the source's folder, with `/`; inside a ZIP its path there. */
  name: string;
  /** For messages: the whole path, in a ZIP as `archive.zip/path`. */
  shown: string;
  /** Where it lies on disk; absent inside a ZIP. */
  path?: string;
  stream(): Promise<AsyncIterable<Uint8Array>>;
  /** All of it. Refuses more than `MOST_BYTES`. */
  bytes(): Promise<Uint8Array>;
}

/** No picture and no table that must be held whole is larger. */
export const MOST_BYTES = 1 << 29;

export function localFile(path: string, name: string): SourceFile {
  return {
    name,
    shown: path,
    path,
    stream: async () => createReadStream(path, { highWaterMark: 1 << 18 }),
    bytes: async () => {
      const { size } = await stat(path);
      if (size > MOST_BYTES) throw new Error(`the file has ${size} bytes, more than ${MOST_BYTES}`);
      return new Uint8Array(await readFile(path));
    },
  };
}

export const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
