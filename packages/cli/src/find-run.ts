import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { CliError } from "./exit.ts";

/** The folder of a run that is named by its folder, its id, or the beginning of one id. */
export async function findRun(named: string, workspace: string, cwd: string): Promise<string> {
  for (const folder of [resolve(cwd, named), join(workspace, "runs", named)])
    if (existsSync(join(folder, "run.json"))) return folder;
  const names = await readdir(join(workspace, "runs")).catch(() => []);
  const fitting = names.filter((name) => named !== "" && name.startsWith(named));
  const [only] = fitting;
  if (only !== undefined && fitting.length === 1 && existsSync(join(workspace, "runs", only, "run.json")))
    return join(workspace, "runs", only);
  if (fitting.length > 1)
    throw new CliError(
      "run-ambiguous",
      `${named} may be ${fitting.slice(0, 4).join(", ")}`,
      "give more of the id",
    );
  throw new CliError(
    "run-not-found",
    `there is no run ${JSON.stringify(named)} here or in ${workspace}`,
    "see mede2 runs, or name the workspace with --workspace",
  );
}
