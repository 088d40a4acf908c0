import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import type { Task } from "@mede2/eval";
import { type Context, pathOf } from "../command.ts";
import { CliError } from "../exit.ts";

/** A built-in task, or one from a file: JSON, or a module whose default export is one. Undefined for any other name: then all questions of the file are asked. */
export async function readTask(named: string, context: Context): Promise<Task | undefined> {
  const { defineTask, tasks } = await import("@mede2/eval");
  if (Object.hasOwn(tasks, named)) return tasks[named];
  if (!/\.(?:json|mjs|js)$/.test(named)) return undefined;
  const path = pathOf(context, named);
  if (!named.endsWith(".json")) {
    const { default: task } = (await import(pathToFileURL(path).href)) as { default?: unknown };
    return defineTask(task);
  }
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    throw new CliError(
      "bad-task",
      `${named} is no JSON (${(error as Error).message})`,
      "see docs/how-to/add-a-task.md",
    );
  }
  return defineTask(value);
}
