import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as vscode from "vscode";
import * as commands from "../../cli/cli-arguments.ts";
import { runName } from "../../runs/run-name.ts";
import type { Services } from "../services.ts";
import { start } from "../start.ts";

/** Starts a plan in a new run folder, and opens its view. */
export async function startPlan(
  services: Services,
  plan: string,
  workspace: string,
  open: (dir: string) => void,
): Promise<void> {
  const { recipe } = JSON.parse(await readFile(plan, "utf8")) as { recipe?: unknown };
  const name = runName(typeof recipe === "string" ? recipe : "run", new Date());
  const run = join(workspace, "runs", name);
  const started = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: `MedE²: starting ${name}` },
    () => start(services, { args: commands.train(plan, run, workspace), workspace, name, run }),
  );
  if (started?.appeared) open(run);
}
