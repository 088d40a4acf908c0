import { existsSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import type { Context } from "./command.ts";
import { CliError } from "./exit.ts";

/**
 * Refuses a path to be written whose new parts could not be names on every system, such as `results:1` or `aux.jsonl`: results are copied between machines, and
 * Windows would write them into a device or a stream without a word. Folders that are there already are not asked.
 */
export async function refuseUnwritable(
  named: string,
  { io }: Pick<Context, "io">,
  there: (path: string) => boolean = existsSync,
): Promise<void> {
  const { nameFault } = await import("@mede2/schemas");
  const windows = process.platform === "win32"; // where a device is always "there"
  for (let path = resolve(io.cwd, named); dirname(path) !== path; path = dirname(path)) {
    if (there(path) && !windows) return;
    const fault = nameFault(basename(path));
    if (fault !== null)
      throw new CliError(
        "bad-name",
        `${named}: nothing can be called ${JSON.stringify(basename(path))} on every system: ${fault}`,
        "choose another name",
      );
  }
}
