import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import yauzl, { type Entry, type ZipFile } from "yauzl";
import { ImportError } from "../import-error.ts";
import { brief } from "./entry.ts";
import { MOST_BYTES, type SourceFile, withNamedErrors } from "./source-file.ts";

/** A ZIP whose directory has been read; its files are read where they lie. */
export interface ZipArchive {
  files: SourceFile[];
  /** By path inside the archive. */
  file(name: string): SourceFile | undefined;
}

const opened = new Map<string, Promise<ZipArchive>>();

/** Opens an archive, once in a process while the file is the same. It stays open until the process ends. Throws `IMPORT_FILE_UNREADABLE`. */
export async function openZip(path: string): Promise<ZipArchive> {
  const unreadable = (cause: Error): never => {
    throw new ImportError(
      "IMPORT_FILE_UNREADABLE",
      `the archive cannot be read (${brief(cause)}); fetch it again.`,
      { file: path },
      cause,
    );
  };
  const { size, mtimeMs } = await stat(path).catch(unreadable);
  const key = `${path}/${size}/${mtimeMs}`;
  const opening = opened.get(key) ?? readDirectory(path).catch(unreadable);
  opened.set(key, opening);
  opening.catch(() => opened.delete(key));
  return opening;
}

/** What is kept of a directory entry: an archive may have hundreds of thousands. */
type Kept = Pick<
  Entry,
  | "compressedSize"
  | "compressionMethod"
  | "generalPurposeBitFlag"
  | "relativeOffsetOfLocalHeader"
  | "uncompressedSize"
>;

async function readDirectory(path: string): Promise<ZipArchive> {
  // yauzl refuses absolute names and names with "..", and checks that sizes are as stated.
  const zip = await new Promise<ZipFile>((resolve, reject) =>
    yauzl.open(path, { lazyEntries: true, autoClose: false }, (error, file) =>
      error ? reject(error) : resolve(file),
    ),
  );
  const entries = new Map<string, Kept>();
  await new Promise<void>((resolve, reject) => {
    zip.on("error", reject);
    zip.on("end", resolve);
    zip.on("entry", (entry: Entry) => {
      const { compressedSize, compressionMethod, generalPurposeBitFlag } = entry;
      const { relativeOffsetOfLocalHeader, uncompressedSize } = entry;
      if (!entry.fileName.endsWith("/") && !/(^|\/)(__MACOSX\/|\.)/.test(entry.fileName))
        entries.set(entry.fileName, {
          ...{ compressedSize, compressionMethod, generalPurposeBitFlag },
          ...{ relativeOffsetOfLocalHeader, uncompressedSize },
        });
      zip.readEntry();
    });
    zip.readEntry();
  });
  const names = [...entries.keys()].sort();
  const file = (name: string): SourceFile | undefined => {
    const kept = entries.get(name);
    return kept === undefined ? undefined : zipped(zip, path, name, kept);
  };
  return { files: names.map((name) => file(name)!), file };
}

function zipped(zip: ZipFile, path: string, name: string, kept: Kept): SourceFile {
  const entry = Object.assign(Object.create(yauzl.Entry.prototype) as Entry, { ...kept, fileName: name });
  const stream = () =>
    new Promise<Readable>((resolve, reject) =>
      zip.openReadStream(entry, (error, readable) => (error ? reject(error) : resolve(readable))),
    );
  const shown = join(path, name);
  return {
    name,
    shown,
    stream: async () => withNamedErrors(shown, stream),
    bytes: async () => {
      if (kept.uncompressedSize > MOST_BYTES)
        throw new Error(`the file has ${kept.uncompressedSize} bytes, more than ${MOST_BYTES}`);
      const chunks: Buffer[] = [];
      for await (const chunk of await stream()) chunks.push(chunk as Buffer);
      return new Uint8Array(Buffer.concat(chunks));
    },
  };
}
