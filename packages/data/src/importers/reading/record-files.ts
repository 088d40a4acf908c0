import { basename, join } from "node:path";
import { ImportError } from "../import-error.ts";
import { listFiles } from "../list-files.ts";
import { isFile, localFile, type SourceFile } from "./source-file.ts";
import { openZip } from "./zip-file.ts";

/** Endings of files that hold records. Pictures are not listed: there may be hundreds of thousands. */
const records = /\.(jsonl?|ndjson|csv|tsv|parquet)$/i;

/**
 * The files below `dir` that hold records, those inside its ZIP archives too; `dir` may be one such file. In code-unit order.
 * Throws `IMPORT_FOLDER_UNREADABLE`, or `IMPORT_FILE_UNREADABLE` for a broken archive.
 */
export async function recordFilesOf(dir: string): Promise<SourceFile[]> {
  const found: SourceFile[] = [];
  const take = async (path: string, name: string) => {
    if (records.test(name)) found.push(localFile(path, name));
    if (!/\.zip$/i.test(name)) return;
    for (const file of (await openZip(path)).files) if (records.test(file.name)) found.push(file);
  };
  if (await isFile(dir)) await take(dir, basename(dir));
  else for await (const name of listFiles(dir)) await take(join(dir, name), name);
  return found;
}

/** Of these files those whose name fits. Throws `IMPORT_LAYOUT_UNKNOWN`, which says what was looked for. */
export async function filesLike(
  dir: string,
  fits: (name: string) => boolean,
  wanted: string,
): Promise<SourceFile[]> {
  const files = (await recordFilesOf(dir)).filter((file) => fits(file.name));
  if (files.length > 0) return files;
  throw new ImportError(
    "IMPORT_LAYOUT_UNKNOWN",
    `no ${wanted} is here; give the folder that the source was unpacked into.`,
    { file: dir },
  );
}
