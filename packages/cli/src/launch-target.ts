import { readFile } from "node:fs/promises";
import type { TrainingPlan } from "@mede2/schemas";
import { CliError } from "./exit.ts";

export type LaunchOptions = { readonly launcher?: string; readonly target?: string };

const names = ["local", "slurm", "ray", "ssh"] as const;

/**
 * The plan with the launcher of the command line in the place of its own: `launcher` is a name, `target` a JSON file with its settings (docs/launchers.md). What is wrong with
 * the settings, the preflight finds. Without either option the plan stays as it is.
 */
export async function launchedBy(
  plan: TrainingPlan,
  { launcher, target }: LaunchOptions,
  pathOf: (path: string) => string,
): Promise<TrainingPlan> {
  if (launcher === undefined && target === undefined) return plan;
  const settings = target === undefined ? ownSettings(plan, launcher) : await readTarget(target, pathOf);
  const name = names.find((each) => each === (launcher ?? settings.name));
  if (name === undefined)
    throw new CliError(
      "launcher",
      launcher === undefined
        ? `${target}: it does not name a launcher`
        : `there is no launcher ${JSON.stringify(launcher)}`,
      `say one of ${names.join(", ")}`,
    );
  if (settings.name !== undefined && settings.name !== name)
    throw new CliError(
      "launcher",
      `${target} is for the launcher ${String(settings.name)}, not ${name}`,
      "leave --launcher away, or name another file",
    );
  return { ...plan, launcher: { ...settings, name } };
}

/** A plan that names the same launcher keeps its settings. */
const ownSettings = (plan: TrainingPlan, name: string | undefined): Record<string, unknown> =>
  plan.launcher?.name === name ? { ...plan.launcher } : {};

async function readTarget(file: string, pathOf: (path: string) => string): Promise<Record<string, unknown>> {
  const text = await readFile(pathOf(file), "utf8");
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    // told below
  }
  throw new CliError(
    "launcher",
    `${file} is no JSON object`,
    'write the settings of a launcher, such as {"name": "slurm", "time": "24:00:00"}',
  );
}
