import { Readable } from "node:stream";
import { replaceFile } from "@mede2/schemas";
import { ZipFile } from "yazl";

export interface ZipText {
  name: string;
  text: string;
}

/**
 * Writes a ZIP of texts, deflated, one entry in memory at a time, and puts it in place when it is whole; zip64 where it must. When `entries` throws, nothing is left.
 */
export async function writeZip(
  path: string,
  entries: AsyncIterable<ZipText> | Iterable<ZipText>,
  mtime: Date,
): Promise<void> {
  await replaceFile(path, async (file) => {
    const zip = new ZipFile();
    const output = zip.outputStream as Readable;
    const feed = async () => {
      // called when the entry's turn comes, that is when those before it are out
      for await (const { name, text } of entries)
        await new Promise<void>((resolve) =>
          zip.addReadStreamLazy(name, { mtime }, (open) => {
            open(null, Readable.from([Buffer.from(text, "utf8")]));
            resolve();
          }),
        );
      zip.end();
    };
    const fed = feed().catch((error: Error) => void output.destroy(error));
    for await (const chunk of output) await file.writeFile(chunk as Uint8Array);
    await fed;
  });
}
