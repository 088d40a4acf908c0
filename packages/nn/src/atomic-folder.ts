import { randomUUID } from "node:crypto";
import { access, mkdir, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { NnFault } from "./fault.ts";

/**
 * Makes a folder that appears whole or not at all: `write` fills a temporary folder beside it, which is then renamed.
 * With `replace` an older folder is moved aside first and removed afterwards; a crash between the two renames leaves
 * the old one under its `.old-…` name.
 *
 * @throws NnFault `folder-exists`
 */
export async function writeFolderAtomically(
  folder: string,
  write: (temporary: string) => Promise<void>,
  options: { readonly replace?: boolean } = {},
): Promise<void> {
  const target = resolve(folder);
  const beside = (kind: string): string =>
    join(dirname(target), `.${basename(target)}.${kind}-${randomUUID()}`);
  const exists = await access(target).then(
    () => true,
    () => false,
  );
  if (exists && options.replace !== true) {
    throw new NnFault("folder-exists", `${folder} exists already; give another name, or ask to replace it`);
  }
  const temporary = beside("tmp");
  await mkdir(temporary, { recursive: true });
  try {
    await write(temporary);
    await flush(temporary);
    const old = beside("old");
    if (exists) await rename(target, old);
    await rename(temporary, target);
    await flush(dirname(target));
    if (exists) await rm(old, { recursive: true, force: true });
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
}

/** Makes renames inside a folder durable; Windows cannot open a folder and has nothing to flush. */
async function flush(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
