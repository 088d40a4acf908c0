import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { ImportError } from "./import-error.ts";

/** Litter that archives carry along. */
const litter = /^(\.|__MACOSX$|Thumbs\.db$)/;

/**
 * The files below a folder as paths relative to it with `/`, in code-unit order of their names, folder by folder.
 * Hidden files and archive litter are skipped. Throws `IMPORT_FOLDER_UNREADABLE`.
 */
export async function* listFiles(dir: string, below = ""): AsyncGenerator<string> {
  const entries = await readdir(join(dir, below), { withFileTypes: true }).catch((cause: Error) => {
    throw new ImportError(
      "IMPORT_FOLDER_UNREADABLE",
      `the folder cannot be read (${cause.message}); give the folder that the source was unpacked into.`,
      { file: join(dir, below) },
      cause,
    );
  });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    if (litter.test(entry.name)) continue;
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) yield* listFiles(dir, path);
    else yield path;
  }
}
