import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { RunManifest } from "@mede2/schemas";

const folder = fileURLToPath(new URL("..", import.meta.url));

/** The version of this package. */
export function cliVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  return manifest.version;
}

/** What a run's manifest says of the code: the version and, where it runs from a checkout of its own repository, commit and cleanness. */
export async function codeVersion(): Promise<RunManifest["code"]> {
  const version = cliVersion();
  try {
    // an installed package may lie inside a repository of somebody else, which says nothing about this code
    await git("ls-files", "--error-unmatch", "package.json");
    const commit = (await git("rev-parse", "HEAD")).trim();
    const dirty = (await git("status", "--porcelain", "--untracked-files=no", ":/packages")).trim() !== "";
    return { version, commit, dirty };
  } catch {
    return { version };
  }
}

async function git(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)("git", args, { cwd: folder, timeout: 10_000 });
  return stdout;
}
