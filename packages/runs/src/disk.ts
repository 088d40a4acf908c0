import { lstat, readdir, statfs } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

/** Bytes that may still be written where this path lies or will lie; undefined where the system does not say. */
export async function freeBytes(path: string): Promise<number | undefined> {
  for (let at = resolve(path); ; at = dirname(at)) {
    try {
      const { bavail, bsize } = await statfs(at);
      return bavail * bsize;
    } catch (error) {
      if ((error as { code?: string }).code !== "ENOENT" || dirname(at) === at) return undefined;
    }
  }
}

/** Bytes of a file, or of all files below a folder; 0 for what is not there. Links are not followed. */
export async function bytesBelow(path: string): Promise<number> {
  const info = await lstat(path).catch(() => undefined);
  if (info === undefined) return 0;
  if (!info.isDirectory()) return info.size;
  let sum = 0;
  for (const name of await readdir(path).catch(() => [])) sum += await bytesBelow(join(path, name));
  return sum;
}
