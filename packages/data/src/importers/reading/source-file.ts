import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { ImportError } from "../import-error.ts";
import { brief } from "./entry.ts";

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
    stream: async () => withNamedErrors(path, async () => createReadStream(path, { highWaterMark: 1 << 18 })),
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

/** The same bytes; what goes wrong on the way is an `IMPORT_FILE_UNREADABLE` that names the file. */
export async function* withNamedErrors(
  shown: string,
  open: () => Promise<AsyncIterable<Uint8Array>>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* await open();
  } catch (cause) {
    throw new ImportError(
      "IMPORT_FILE_UNREADABLE",
      `the file cannot be read (${brief(cause)}).`,
      { file: shown },
      cause,
    );
  }
}
