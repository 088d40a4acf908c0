import { crc32, inflateRawSync } from "node:zlib";
import { decompress as unzstd } from "fzstd";
import { type Entry, openPromise } from "yauzl";
import { InspectError } from "./inspect-error.ts";

/** What a file may cost. A log from a stranger is data, not a friend. */
export interface ZipLimits {
  /** Most bytes of one entry after decompression; default 512 MiB. */
  entryBytes?: number;
  /** Most entries; default 4 million. */
  entries?: number;
}

export interface ZipEntries {
  readonly names: ReadonlySet<string>;
  /** Bytes of an entry after decompression, as its directory says. */
  size(name: string): number | undefined;
  /** One entry, decompressed and checked: size and CRC. Only its own bytes are read. */
  read(name: string): Promise<Uint8Array>;
  close(): void;
}

const methods: Readonly<Record<number, (data: Uint8Array, size: number) => Uint8Array>> = {
  0: (data) => data,
  8: (data, size) => inflateRawSync(data, { maxOutputLength: Math.max(1, size) }),
  93: (data, size) => unzstd(data, new Uint8Array(size)),
};

/**
 * Opens a ZIP by its central directory, so that a file of any size opens at once; zip64 too. Names are keys here and never paths: nothing is written under them. Of entries of the
 * same name the last counts, as Inspect has it, which appends what replaces. Throws an InspectError.
 */
export async function openZip(path: string, limits: ZipLimits = {}): Promise<ZipEntries> {
  const { entryBytes = 512 * 2 ** 20, entries: most = 4_000_000 } = limits;
  // raw names: a sample's id may hold what no path should
  const zip = await openPromise(path, { autoClose: false, decodeStrings: false }).catch((cause: Error) => {
    if ("errno" in cause) throw cause;
    throw new InspectError(
      "not-a-log",
      `${path} is no ZIP file (${cause.message}): an .eval file is one`,
      cause,
    );
  });
  const damaged = (what: string, cause?: unknown) =>
    new InspectError("damaged", `${path} is damaged: ${what}; copy it anew`, cause);
  const found = new Map<string, Entry>();
  try {
    if (zip.entryCount > most)
      throw new InspectError("entry-too-large", `${path} has ${zip.entryCount} entries, more than ${most}`);
    for await (const entry of zip.eachEntry())
      found.set(Buffer.from(entry.fileNameRaw).toString("utf8"), entry);
  } catch (error) {
    zip.close();
    throw error instanceof InspectError ? error : damaged((error as Error).message, error);
  }

  async function stored(entry: Entry): Promise<Uint8Array> {
    const stream = await zip.openReadStreamPromise(entry, { decodeFileData: false }); // as it lies there
    const chunks: Uint8Array[] = [];
    for await (const chunk of stream) chunks.push(chunk as Uint8Array);
    return Buffer.concat(chunks);
  }

  return {
    names: new Set(found.keys()),
    size: (name) => found.get(name)?.uncompressedSize,
    close: () => zip.close(),
    async read(name) {
      const entry = found.get(name);
      if (entry === undefined) throw new InspectError("entry-missing", `${path} has no ${name}`);
      const { uncompressedSize: size, compressedSize, compressionMethod } = entry;
      // a stored size beyond the file is refused by the reader of the directory; what it unpacks to is refused here
      if (size > entryBytes || compressedSize > entryBytes)
        throw new InspectError(
          "entry-too-large",
          `${path}: ${name} would take ${Math.max(size, compressedSize)} bytes, more than ${entryBytes}; raise the limit if you trust the file`,
        );
      const unpack = methods[compressionMethod];
      if (unpack === undefined || entry.isEncrypted())
        throw new InspectError(
          "compression",
          `${path}: ${name} is packed by method ${compressionMethod}${entry.isEncrypted() ? ", encrypted" : ""}; known are stored, deflate and zstd, in the clear`,
        );
      let bytes: Uint8Array;
      try {
        bytes = unpack(await stored(entry), size);
      } catch (error) {
        throw damaged(`${name} does not unpack (${(error as Error).message})`, error);
      }
      if (bytes.length !== size) throw damaged(`${name} unpacks to ${bytes.length} bytes, not to ${size}`);
      if (crc32(bytes) !== entry.crc32) throw damaged(`the checksum of ${name} is wrong`);
      return bytes;
    },
  };
}
