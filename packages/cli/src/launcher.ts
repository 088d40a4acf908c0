import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { listRuns, newRunId, thisHost } from "@mede2/runs";
import { planSchema, RecordError, readRecord } from "@mede2/schemas";
import type { LaunchChoice, Launcher } from "@mede2/tui";
import { recipeRows } from "./commands/plan.ts";
import { planArguments, preparePlan, recipeChoices, shippedModel } from "./launch-recipes.ts";

interface Command extends LaunchChoice {
  argv: readonly string[];
}

/** What the viewer can start: recipes, every plan of the workspace, the demo, and runs that can go on. Each is a process of its own that outlives the viewer. */
export function launcherOf(
  env: NodeJS.ProcessEnv,
  {
    graceMilliseconds = 5000,
    program = [binary],
  }: { graceMilliseconds?: number; program?: readonly string[] } = {},
): Launcher {
  let shipped: Promise<string | undefined> | undefined;
  return {
    async choices(workspace) {
      shipped ??= shippedModel([...program, "doctor", "--json"], env);
      const [forms, commands] = await Promise.all([
        shipped.then((model) => recipeChoices(workspace, recipeRows(), model)),
        commandsOf(workspace),
      ]);
      return [...forms, ...commands.map(({ argv: _, ...choice }) => choice)];
    },
    async prepare(workspace, id, values) {
      const recipe = recipeRows().find(({ name }) => id === `recipe:${name}`);
      if (recipe === undefined) throw new Error(`${id} is no recipe`);
      const name = `${newRunId(thisHost())}-${recipe.name}.plan.json`;
      mkdirSync(launchedIn(workspace), { recursive: true });
      const argv = [...program, ...planArguments(recipe.name, values, join(launchedIn(workspace), name))];
      return preparePlan(argv, {
        cwd: workspace,
        env: { ...env, MEDE2_WORKSPACE: workspace },
        id: `made:${name}`,
      });
    },
    async start(workspace, id) {
      const command =
        madeCommand(workspace, id) ?? (await commandsOf(workspace)).find((each) => each.id === id);
      if (command === undefined) throw new Error(`${id} is not there any more; look at the list again`);
      const folder = launchedIn(workspace);
      mkdirSync(folder, { recursive: true });
      const log = join(folder, `${newRunId(thisHost())}.log`);
      const out = openSync(log, "a");
      // no shell: file names are arguments, whatever they hold
      const child = spawn(process.execPath, [...program, ...command.argv], {
        ...{ cwd: workspace, detached: true, stdio: ["ignore", out, out] },
        env: { ...env, MEDE2_WORKSPACE: workspace },
      });
      child.unref();
      const shown = relative(workspace, log);
      // bad input is found in the first seconds: it should be told here, and not be looked for in a file
      const failed = await endsBadly(child, graceMilliseconds);
      if (child.pid === undefined || failed) throw new Error(`${await lastLine(log)} (${shown})`);
      return { pid: child.pid, log: shown };
    },
  };
}

/** Logs of what was started, and plans that were made of recipes. */
const launchedIn = (workspace: string) => join(workspace, ".mede2", "launched");

/** A plan that `prepare` made. */
function madeCommand(workspace: string, id: string): { argv: readonly string[] } | undefined {
  const name = /^made:([\w.-]+\.plan\.json)$/.exec(id)?.[1];
  if (name === undefined || !existsSync(join(launchedIn(workspace), name))) return undefined;
  return { argv: ["train", join(".mede2", "launched", name)] };
}

/** Whether the process ends with another code than 0 within that time. */
function endsBadly(child: ChildProcess, milliseconds: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), milliseconds);
    const end = (bad: boolean) => {
      clearTimeout(timer);
      resolve(bad);
    };
    child.once("error", () => end(true));
    child.once("exit", (code) => end(code !== 0));
  });
}

async function lastLine(log: string): Promise<string> {
  const text = await readFile(log, "utf8").catch(() => "");
  return text.trim().split("\n").at(-1) || "it ended at once and said nothing";
}

const binary = fileURLToPath(new URL("../bin/mede2.mjs", import.meta.url));

async function commandsOf(workspace: string): Promise<Command[]> {
  const commands: Command[] = [];
  const add = (id: string, title: string, about: string, argv: readonly string[], problem?: string) =>
    commands.push({
      ...{ id, title, about, argv, command: `mede2 ${argv.join(" ")}` },
      ...(problem !== undefined && { problem }),
    });
  for (const file of await planFiles(workspace)) {
    const path = relative(workspace, file);
    try {
      const plan = await readRecord(file, planSchema);
      const trains = ["pretrain", "sft", "preference"].includes(plan.kind);
      add(
        `plan:${path}`,
        path,
        `${plan.kind}, ${plan.recipe}`,
        ["train", path],
        trains ? undefined : `a plan of kind ${plan.kind} does not train: start it by its own command`,
      );
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
      add(`plan:${path}`, path, "not a valid plan", ["train", path], error.message);
    }
  }
  for (const run of await listRuns(workspace)) {
    if (!run.readable || !["stopped", "lost", "failed", "queued"].includes(run.status)) continue;
    if (!["pretrain", "sft", "preference"].includes(run.kind)) continue;
    add(`resume:${run.id}`, `resume ${run.id}`, `${run.status} at step ${run.step}`, [
      "train",
      "--resume",
      run.id,
    ]);
  }
  add("demo", "the demo, quick", "both stages and the evaluation on the ward, a few minutes", [
    "demo",
    "--quick",
    "--out",
    workspace,
  ]);
  return commands;
}

/** Plans in the workspace and in its folders, not deeper, and not in runs. */
async function planFiles(workspace: string): Promise<string[]> {
  const found: string[] = [];
  const entries = await readdir(workspace, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (entry.isFile() && entry.name.endsWith(".plan.json")) found.push(join(workspace, entry.name));
    if (
      !entry.isDirectory() ||
      entry.name.startsWith(".") ||
      ["runs", "node_modules", "evaluations"].includes(entry.name)
    )
      continue;
    const names = await readdir(join(workspace, entry.name)).catch(() => []);
    found.push(
      ...names.filter((name) => name.endsWith(".plan.json")).map((name) => join(workspace, entry.name, name)),
    );
  }
  return found.sort();
}
