import type { Dirent } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { bytesBelow, thisHost } from "@mede2/runs";
import type { Unneeded } from "./unneeded.ts";

/** `.NAME.PID-RANDOM.tmp` and `.old`, `.NAME.PID.RANDOM.tmp`, `NAME.PID.tmp`: what a process writes aside before it renames it. */
const ofProcess = /(?:^\.(?<target>.+)\.(?<pid>\d+)[-.][0-9a-z]+\.(?<end>tmp|old)$)|(?:\.(?<only>\d+)\.tmp$)/;
/** `NAME.UUID.tmp` of the image store, `.NAME.tmp-UUID` and `.NAME.old-UUID` of model folders: nobody knows whose. */
const uuid = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
const ofNobody = new RegExp(`\\.${uuid}\\.tmp$|^\\.(?<target>.+)\\.(?<end>tmp|old)-${uuid}$`);

/** Folders that are not looked into: they hold what others wrote. */
const foreign: ReadonlySet<string> = new Set(["node_modules", ".git"]);

/**
 * Files and folders that a killed process left half written. What a living process of this machine writes stays, what cannot be told whose it is stays for `hours`, and a folder that was moved aside
 * and never replaced stays: it is the only copy. Links are not followed.
 */
export async function leftoversOf(
  workspace: string,
  { hours, now }: { readonly hours: number; readonly now: number },
  isAlive: (pid: number) => boolean = thisHost().isAlive,
): Promise<Unneeded[]> {
  const found: Unneeded[] = [];
  const visit = async (folder: string): Promise<void> => {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => [] as Dirent[]);
    const names = new Set(entries.map(({ name }) => name));
    for (const entry of entries) {
      const path = join(folder, entry.name);
      const reason = await reasonOf(path, entry.name, names);
      if (reason !== undefined)
        found.push({
          ...{ kind: "leftover", path: relative(workspace, path), reason },
          bytes: await bytesBelow(path),
        });
      else if (entry.isDirectory() && !foreign.has(entry.name)) await visit(path);
    }
  };
  const reasonOf = async (
    path: string,
    name: string,
    beside: ReadonlySet<string>,
  ): Promise<string | undefined> => {
    if (/^step-\d+\.damaged$/.test(name)) return "a damaged checkpoint that was set aside";
    const own = ofProcess.exec(name)?.groups;
    const nobody = ofNobody.exec(name);
    const groups = own ?? nobody?.groups;
    if (own === undefined && nobody === null) return undefined;
    if (groups?.end === "old" && groups.target !== undefined && !beside.has(groups.target)) return undefined;
    const pid = own?.pid ?? own?.only;
    if (pid !== undefined) {
      if (isAlive(Number(pid))) return undefined;
      // a process of another machine may write on a shared disk
      return (await isOlder(path, 1)) ? "left by a process that is gone" : undefined;
    }
    return (await isOlder(path, hours)) ? "half written, and not touched for long" : undefined;
  };
  const isOlder = async (path: string, least: number): Promise<boolean> => {
    const info = await lstat(path).catch(() => undefined);
    return info !== undefined && now - info.mtimeMs >= least * 3_600_000;
  };
  await visit(workspace);
  return found;
}
