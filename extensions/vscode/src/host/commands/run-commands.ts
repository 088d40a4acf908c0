import { basename } from "node:path";
import { requestControl, runPlaces } from "@mede2/runs";
import * as vscode from "vscode";
import * as commands from "../../cli/cli-arguments.ts";
import { isLive, runDescription, statusIcon } from "../../runs/run-text.ts";
import { confirmStop, controlName } from "../panels/run-panel.ts";
import type { MonitoredRun } from "../run-monitor.ts";
import { refuseUnlessTrusted, type Services } from "../services.ts";
import { start } from "../start.ts";
import type { RunNode } from "../views/runs-tree.ts";

/** What a command on a run may be called with: a row of the tree, a folder, or nothing. */
export type RunTarget = RunNode | string | undefined;

/** The run that is meant; asks when it is not said, among those that fit. */
export async function runOf(
  services: Services,
  target: RunTarget,
  fits: (status: string) => boolean,
  placeholder: string,
): Promise<MonitoredRun | undefined> {
  const { monitor } = services;
  if (typeof target === "string") {
    const known = monitor.inFolder(target);
    if (known === undefined) await monitor.look();
    return known ?? monitor.inFolder(target);
  }
  if (target?.kind === "run") return target.run;
  await monitor.look();
  const found = monitor.runs.filter(({ found: run }) => run.readable && fits(run.run.status));
  if (found.length === 0) {
    void vscode.window.showInformationMessage(`MedE²: there is no run to choose here (${placeholder}).`);
    return undefined;
  }
  if (found.length === 1 && !fits("finished")) return found[0];
  const chosen = await vscode.window.showQuickPick(found.map(runItem).reverse(), {
    title: "MedE²",
    placeHolder: placeholder,
    matchOnDescription: true,
  });
  return chosen?.run;
}

export function runItem(run: MonitoredRun): vscode.QuickPickItem & { run: MonitoredRun } {
  if (!run.found.readable) return { label: run.found.id, run };
  const { id, status } = run.found.run;
  return {
    label: id,
    description: runDescription(run.found.run),
    iconPath: new vscode.ThemeIcon(statusIcon[status].icon.replace("~spin", "")),
    run,
  };
}

const dirOf = ({ found }: MonitoredRun) => (found.readable ? found.run.dir : found.dir);

/** Asks a live run for something; the engine answers with an event, which every view shows. */
export async function askRun(
  services: Services,
  target: RunTarget,
  request: "pause" | "stop" | "checkpoint",
): Promise<void> {
  if (refuseUnlessTrusted()) return;
  const fits = (status: string) => status === "running" || (status === "paused" && request !== "pause");
  const run = await runOf(
    services,
    target,
    fits,
    `Which run shall ${request === "checkpoint" ? "save a checkpoint" : request}?`,
  );
  if (run === undefined) return;
  const dir = dirOf(run);
  if (request === "stop" && !(await confirmStop(basename(dir)))) return;
  await requestControl(dir, { by: controlName(), request });
  void vscode.window.setStatusBarMessage(
    `MedE²: asked ${basename(dir)} to ${request === "checkpoint" ? "save a checkpoint" : request}`,
    5000,
  );
}

/** A paused run goes on; one that has ended is started again from its newest checkpoint. */
export async function resumeRun(services: Services, target: RunTarget): Promise<void> {
  if (refuseUnlessTrusted()) return;
  const fits = (status: string) => status !== "running" && status !== "finished";
  const run = await runOf(services, target, fits, "Which run shall go on?");
  if (run === undefined || !run.found.readable) return;
  const { dir, status } = run.found.run;
  if (status === "paused") await requestControl(dir, { by: controlName(), request: "resume" });
  else if (isLive(status) && status !== "queued")
    void vscode.window.showInformationMessage(`MedE²: ${basename(dir)} is running.`);
  else
    await start(services, {
      args: commands.resume(dir, run.workspace),
      workspace: run.workspace,
      name: `${basename(dir)}-resume`,
    });
}

export async function openPlan(services: Services, target: RunTarget): Promise<void> {
  const run = await runOf(services, target, () => true, "The plan of which run?");
  if (run !== undefined)
    await vscode.window.showTextDocument(vscode.Uri.file(runPlaces.manifest(dirOf(run))), { preview: true });
}

export async function revealRun(services: Services, target: RunTarget): Promise<void> {
  const run = await runOf(services, target, () => true, "The folder of which run?");
  if (run !== undefined)
    await vscode.commands.executeCommand("revealInExplorer", vscode.Uri.file(dirOf(run)));
}

/** Two to four runs to lay over each other. */
export async function chooseRuns(services: Services, target: RunTarget): Promise<string[] | undefined> {
  await services.monitor.look();
  const first = target === undefined ? undefined : await runOf(services, target, () => true, "");
  const items = services.monitor.runs
    .filter(({ found }) => found.readable)
    .map(runItem)
    .reverse();
  if (items.length < 2) {
    void vscode.window.showInformationMessage("MedE²: there are fewer than two runs to compare.");
    return undefined;
  }
  const picked = items.map((item) => ({
    ...item,
    picked: first !== undefined && dirOf(item.run) === dirOf(first),
  }));
  const chosen = await vscode.window.showQuickPick(picked, {
    title: "MedE²: compare",
    placeHolder: "Two to four runs",
    canPickMany: true,
    matchOnDescription: true,
  });
  if (chosen === undefined) return undefined;
  if (chosen.length < 2 || chosen.length > 4) {
    void vscode.window.showWarningMessage(`MedE²: choose two to four runs; ${chosen.length} are chosen.`);
    return undefined;
  }
  return chosen.map(({ run }) => dirOf(run)).reverse(); // the oldest first, as what came of the others
}
