import { existsSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";

/** How the `mede2` command is started: a program and the arguments that come before its own. Or why it cannot be. */
export type FoundCli =
  | {
      readonly found: true;
      readonly program: string;
      readonly before: readonly string[];
      readonly from: string;
    }
  | { readonly found: false; readonly reason: string };

export interface CliPlaces {
  /** The setting `mede2.cliPath`; "" when it is not set. */
  readonly setting: string;
  /** Node.js for a `.mjs`. */
  readonly node: string;
  /** Folders whose `node_modules` may have the command, nearest first. */
  readonly folders: readonly string[];
  readonly path: string;
  readonly windows: boolean;
  readonly exists?: (path: string) => boolean;
}

const script = join("node_modules", "@mede2", "cli", "bin", "mede2.mjs");

/**
 * The `mede2` command: the setting, else the workspace's own, else the one on the path. A script is run by Node itself, so that no shell
 * (and on Windows no `.cmd`) stands between.
 */
export function findCli({ setting, node, folders, path, windows, exists = existsSync }: CliPlaces): FoundCli {
  const asProgram = (file: string, from: string): FoundCli =>
    /\.[mc]?js$/.test(file)
      ? { found: true, program: node, before: [file], from }
      : { found: true, program: file, before: [], from };
  if (setting !== "") {
    if (!isAbsolute(setting))
      return {
        found: false,
        reason: `the setting mede2.cliPath must be an absolute path, and it is ${setting}`,
      };
    if (!exists(setting))
      return { found: false, reason: `the setting mede2.cliPath names ${setting}, which does not exist` };
    return asProgram(setting, "the setting mede2.cliPath");
  }
  for (const folder of folders) {
    const file = join(folder, script);
    if (exists(file)) return asProgram(file, folder);
  }
  for (const folder of path.split(delimiter).filter((part) => isAbsolute(part))) {
    const beside = join(folder, windows ? script : join("..", "lib", script));
    if (exists(beside)) return asProgram(beside, "the path");
    if (!windows && exists(join(folder, "mede2"))) return asProgram(join(folder, "mede2"), "the path");
  }
  return {
    found: false,
    reason:
      "the mede2 command is neither in node_modules of this workspace nor on the path; `npm install @mede2/cli` in the folder brings it",
  };
}
