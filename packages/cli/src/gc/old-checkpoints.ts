import type { Dirent } from "node:fs";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { bytesBelow, listRuns, runPlaces } from "@mede2/runs";
import { type Plan, parseJson, planSchema, readLines, readRecord } from "@mede2/schemas";
import type { Unneeded } from "./unneeded.ts";

/**
 * Checkpoints that nobody needs: of each run that is not going, all but the newest whole one, the one with the lowest held-out loss, and those that a plan, a run or an evaluation of this workspace
 * begins with or names.
 */
export async function oldCheckpoints(workspace: string, keepNewest = 1): Promise<Unneeded[]> {
  const found: Unneeded[] = [];
  const runs = await listRuns(workspace);
  const named = await namedFolders(workspace);
  for (const run of runs) {
    if (!run.readable || run.status === "running" || run.status === "paused") continue;
    const folder = runPlaces.checkpoints(run.dir);
    const names = (await readdir(folder).catch(() => [])).filter((name) => /^step-\d+$/.test(name)).sort();
    const whole = names.filter((name) => isWhole(join(folder, name)));
    const newest = new Set(whole.slice(-keepNewest));
    if (newest.size === 0) continue; // nothing whole: nothing may go
    const best = await bestStep(run.dir);
    for (const name of names) {
      const path = join(folder, name);
      if (newest.has(name) || named.has(path) || Number(name.slice("step-".length)) === best) continue;
      found.push({
        ...{ kind: "checkpoint", path: relative(workspace, path), bytes: await bytesBelow(path) },
        reason: `${[...newest].at(-1)} is newer, and nothing begins with this one`,
      });
    }
  }
  return found;
}

/** A checkpoint appears by a rename, so that it is whole when its last file is there. */
const isWhole = (folder: string): boolean =>
  existsSync(join(folder, "trainer/state.json")) || existsSync(join(folder, "trainer_state.json"));

/** The step whose held-out loss was lowest, or whose reward accuracy was highest; undefined where nothing was evaluated. */
async function bestStep(runDir: string): Promise<number | undefined> {
  const file = runPlaces.events(runDir);
  if (!existsSync(file)) return undefined;
  let best: { step: number; value: number } | undefined;
  for await (const { text, line } of readLines(file)) {
    if (!text.includes('"evaluation-end"')) continue;
    const {
      type,
      step,
      metrics = {},
    } = parseJson(text, { file, line }) as {
      type?: string;
      step?: number;
      metrics?: Record<string, unknown>;
    };
    const value = typeof metrics.loss === "number" ? -metrics.loss : metrics.accuracy;
    if (type !== "evaluation-end" || step === undefined || typeof value !== "number") continue;
    if (best === undefined || value > best.value) best = { step, value };
  }
  return best?.step;
}

/** Folders that plans, runs and evaluations of the workspace name as model, adapter or reference: absolute. */
async function namedFolders(workspace: string): Promise<ReadonlySet<string>> {
  const named = new Set<string>();
  const add = (path: unknown, ...from: readonly string[]) => {
    if (typeof path === "string") for (const folder of from) named.add(resolve(folder, path));
  };
  const addPlan = (plan: Plan, ...from: readonly string[]) => {
    for (const path of [plan.model, plan.adapter, plan.reference]) add(path, ...from);
  };
  for (const file of await filesEnding(workspace, [
    ".plan.json",
    "run.json",
    "evaluation.json",
    "adapter_config.json",
  ])) {
    const at = dirname(file);
    if (file.endsWith(".plan.json")) {
      const plan = await readRecord(file, planSchema).catch(() => undefined);
      if (plan !== undefined) addPlan(plan, workspace, at);
      continue;
    }
    const json = JSON.parse(await readFile(file, "utf8").catch(() => "{}")) as Record<string, unknown>;
    if (basename(file) === "run.json" && typeof json.plan === "object" && json.plan !== null)
      addPlan(json.plan as Plan, workspace, at);
    if (basename(file) === "evaluation.json")
      for (const path of String(json.checkpoint ?? json.model ?? "").split(" + ")) add(path, workspace, at);
    add(json.base_model_name_or_path, workspace, at);
  }
  return named;
}

async function filesEnding(folder: string, endings: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [] as Dirent[]);
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isFile() && endings.some((ending) => entry.name.endsWith(ending))) found.push(path);
    else if (entry.isDirectory() && !["node_modules", ".git", "images"].includes(entry.name))
      found.push(...(await filesEnding(path, endings)));
  }
  return found;
}
