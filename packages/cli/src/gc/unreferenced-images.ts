import { createReadStream, type Dirent } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { defaultImageStore } from "@mede2/runs";
import type { Unneeded } from "./unneeded.ts";

/** Files that may name images: records, reports, settings, pages. */
const naming = /\.(jsonl|json|ndjson|html|md|csv|txt)$/;
const hash = /[0-9a-f]{64}/g;

/** Images of the store whose hash stands in no file of the workspace, and that are older than `hours`: an import puts its images in before it writes its records. */
export async function unreferencedImages(
  workspace: string,
  { hours, now }: { readonly hours: number; readonly now: number },
): Promise<Unneeded[]> {
  const store = join(workspace, defaultImageStore);
  const images: { path: string; sha256: string; bytes: number }[] = [];
  for (const folder of await readdir(store).catch(() => [])) {
    if (!/^[0-9a-f]{2}$/.test(folder)) continue;
    for (const name of await readdir(join(store, folder)).catch(() => [])) {
      const sha256 = /^([0-9a-f]{64})\.\w+$/.exec(name)?.[1];
      const info = await lstat(join(store, folder, name)).catch(() => undefined);
      if (sha256 === undefined || info?.isFile() !== true) continue;
      if (now - info.mtimeMs >= hours * 3_600_000)
        images.push({ path: join(store, folder, name), sha256, bytes: info.size });
    }
  }
  if (images.length === 0) return [];
  const left = new Map(images.map((image) => [image.sha256, image]));
  await eachFile(workspace, store, async (file) => {
    if (left.size > 0) for await (const found of hashesOf(file)) left.delete(found);
  });
  return [...left.values()].map(({ path, bytes }) => ({
    ...{ kind: "image" as const, path: relative(workspace, path), bytes },
    reason: "no file of the workspace names it",
  }));
}

async function eachFile(folder: string, store: string, work: (file: string) => Promise<void>): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [] as Dirent[]);
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (path === store || ["node_modules", ".git"].includes(basename(path))) continue;
    if (entry.isDirectory()) await eachFile(path, store, work);
    else if (entry.isFile() && naming.test(entry.name)) await work(path);
  }
}

/** Every run of 64 hex digits in a file, whatever the file is; a hash on the border of two pieces is found, too. */
async function* hashesOf(file: string): AsyncGenerator<string> {
  let tail = "";
  const pieces = createReadStream(file, { encoding: "latin1", highWaterMark: 1 << 20 });
  for await (const piece of pieces as AsyncIterable<string>) {
    const text = tail + piece;
    for (const [found] of text.matchAll(hash)) yield found;
    tail = text.slice(-63);
  }
}
