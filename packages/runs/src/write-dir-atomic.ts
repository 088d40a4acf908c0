import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { syncFolder } from "@mede2/schemas";
import { type Host, thisHost } from "./host.ts";
import { RunError } from "./run-error.ts";
import { randomText } from "./run-id.ts";

/**
 * Writes a folder so that it is seen whole or not at all: `fill` gets a temporary folder beside the final place, which is flushed to the
 * disk and renamed. When `fill` throws, nothing is left behind. With `replace` an existing folder is moved aside first and
 * deleted last, and `recoverDirs` puts it back should the process die in between; without, it is a RunError "exists".
 */
export async function writeDirAtomic<T>(
  path: string,
  fill: (temporary: string) => Promise<T>,
  host: Pick<Host, "random" | "pid"> = thisHost(),
  options: { replace?: boolean } = {},
): Promise<T> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const mark = `${host.pid}-${randomText(host, 6)}`;
  const temporary = join(folder, `.${basename(path)}.${mark}.tmp`);
  await mkdir(temporary);
  try {
    const result = await fill(temporary);
    await syncTree(temporary);
    const old = join(folder, `.${basename(path)}.${mark}.old`);
    const replaced = await moveAside(path, old, options.replace === true);
    await rename(temporary, path);
    await syncFolder(folder);
    if (replaced) await rm(old, { recursive: true, force: true });
    return result;
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
}

async function moveAside(path: string, old: string, replace: boolean): Promise<boolean> {
  const there = await stat(path).catch(() => undefined);
  if (there === undefined) return false;
  if (!replace) throw new RunError("exists", `${path} exists already; remove it, or choose another name`);
  await rename(path, old);
  return true;
}

/**
 * Tidies a folder after a crash: removes what `writeDirAtomic` and `writeFileAtomic` left unfinished, and puts a folder back that was moved
 * aside and not yet replaced. Leaves alone what a living process of this host is writing. Returns the names that it dealt with.
 */
export async function recoverDirs(
  folder: string,
  host: Pick<Host, "isAlive"> = thisHost(),
): Promise<string[]> {
  const names = await readdir(folder).catch(() => [] as string[]);
  const handled: string[] = [];
  for (const name of names) {
    const match = /^\.(.+)\.(\d+)[-.][0-9a-z]+\.(tmp|old)$/.exec(name);
    if (match === null || host.isAlive(Number(match[2]))) continue;
    const target = match[1] ?? "";
    if (match[3] === "old" && !names.includes(target)) await rename(join(folder, name), join(folder, target));
    else await rm(join(folder, name), { recursive: true, force: true });
    handled.push(name);
  }
  return handled;
}

async function syncTree(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await syncTree(path);
    else if (entry.isFile()) {
      const file = await open(path, "r+");
      try {
        await file.sync();
      } finally {
        await file.close();
      }
    }
  }
  await syncFolder(folder);
}
