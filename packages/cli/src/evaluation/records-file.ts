import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { CliError } from "../exit.ts";

/** The file of records in an evaluation's folder; that of `task` where it has several. */
export async function recordsFile(folder: string, named: string, task: string | undefined): Promise<string> {
  const { portableName } = await import("@mede2/schemas");
  const names = (await readdir(folder)).filter((name) => name.endsWith(".evaluation.jsonl"));
  const wanted =
    task === undefined ? names : names.filter((name) => name === `${portableName(task)}.evaluation.jsonl`);
  const [only] = wanted;
  if (only === undefined || wanted.length > 1)
    throw new CliError(
      "no-evaluation",
      only === undefined
        ? `${named} has no ${task === undefined ? "*" : task}.evaluation.jsonl`
        : `${named} has several tasks: ${wanted.map((name) => basename(name, ".evaluation.jsonl")).join(", ")}`,
      only === undefined ? "name a folder that mede2 eval wrote, finished" : "choose one with --task",
    );
  return join(folder, only);
}
