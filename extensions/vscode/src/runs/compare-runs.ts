import { plannedSteps, type TrackedRun } from "@mede2/runs";
import type { Compared, ComparedRow } from "../protocol/run-messages.ts";
import { oneLine, short, visible } from "../records/visible-text.ts";
import { namesApart } from "./run-name.ts";
import { figure, runFigures } from "./run-text.ts";
import { curvesOf } from "./run-view.ts";

export const comparedRuns = (runs: readonly TrackedRun[]): Compared[] => {
  const names = namesApart(runs.map(({ id }) => id));
  return runs.map((run, index) => comparedRun(run, names[index]!));
};

const comparedRun = (run: TrackedRun, name: string): Compared => ({
  id: oneLine(run.id, 120),
  name: oneLine(name, 80),
  kind: oneLine(run.kind, 40),
  recipe: oneLine(run.recipe, 80),
  status: run.status,
  step: run.state.step,
  curves: curvesOf(run, 300),
});

/** What came of the runs, side by side. */
export function resultRows(runs: readonly TrackedRun[]): ComparedRow[] {
  const columns = runs.map((run) => {
    const rows = new Map<string, string>([["status", run.status]]);
    const steps = plannedSteps(run.state, run.manifest?.plan);
    rows.set("step", steps === undefined ? String(run.state.step) : `${run.state.step} of ${steps}`);
    for (const { name, value } of runFigures(run))
      if (!["begun", "last event", "model", "engine", "version"].includes(name)) rows.set(name, value);
    for (const { task, metrics } of Object.values(run.state.evaluations).slice(0, 20))
      for (const [name, value] of Object.entries(metrics).slice(0, 20))
        rows.set(`${oneLine(task, 60)} · ${oneLine(name, 40)}`, figure(value));
    return rows;
  });
  return rowsOf(columns);
}

/** The settings of the plans, flattened to dotted paths; those that differ come first. */
export function settingRows(runs: readonly TrackedRun[]): ComparedRow[] {
  const columns = runs.map(({ manifest }) => {
    const rows = new Map<string, string>();
    if (manifest !== undefined) flatten("", manifest.plan, rows);
    return rows;
  });
  return rowsOf(columns).sort((a, b) => Number(b.differ) - Number(a.differ));
}

function rowsOf(columns: readonly ReadonlyMap<string, string>[]): ComparedRow[] {
  const names = [...new Set(columns.flatMap((column) => [...column.keys()]))].slice(0, 400);
  return names.map((name) => {
    const values = columns.map((column) => column.get(name) ?? "–");
    return { name, values, differ: new Set(values).size > 1 };
  });
}

function flatten(path: string, value: unknown, rows: Map<string, string>): void {
  if (typeof value === "object" && value !== null && Object.keys(value).length > 0)
    for (const [key, inner] of Object.entries(value))
      flatten(path === "" ? oneLine(key, 60) : `${path}.${oneLine(key, 60)}`, inner, rows);
  else if (path !== "record" && path !== "v" && rows.size < 400)
    rows.set(path, visible(short(typeof value === "string" ? value : JSON.stringify(value), 200)));
}
