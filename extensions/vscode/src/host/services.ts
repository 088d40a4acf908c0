import { dirname, join } from "node:path";
import { isInside } from "@mede2/runs";
import * as vscode from "vscode";
import { type FoundCli, findCli } from "../cli/find-cli.ts";
import { diskFolders, folderOf } from "./folders.ts";
import { RunMonitor } from "./run-monitor.ts";
import { Surveys } from "./surveys.ts";

/** What the parts of the extension share. */
export interface Services {
  readonly context: vscode.ExtensionContext;
  readonly surveys: Surveys;
  readonly monitor: RunMonitor;
  /** The log of the extension; made when first something is written. */
  log(): vscode.LogOutputChannel;
}

export function openServices(context: vscode.ExtensionContext): Services {
  let channel: vscode.LogOutputChannel | undefined;
  const surveys = new Surveys(context);
  const monitor = new RunMonitor(context, surveys);
  return {
    ...{ context, surveys, monitor },
    log() {
      if (channel === undefined) {
        channel = vscode.window.createOutputChannel("MedE²", { log: true });
        context.subscriptions.push(channel);
      }
      return channel;
    },
  };
}

const settings = () => vscode.workspace.getConfiguration("mede2");

/** The `mede2` command of a workspace: its folders upwards to the one of the window are looked through. */
export function cliFor(workspace: string | undefined): FoundCli {
  const folders: string[] = [];
  const top = workspace === undefined ? undefined : folderOf(workspace);
  for (let dir = workspace; dir !== undefined && top !== undefined && isInside(top, dir); dir = dirname(dir))
    folders.push(dir);
  return findCli({
    setting: settings().get("cliPath", ""),
    node: settings().get("nodePath", "") || "node",
    folders: [...folders, ...diskFolders()],
    path: process.env.PATH ?? "",
    windows: process.platform === "win32",
  });
}

/** The image stores that may be read for a workspace: the one of the setting, if it lies in the window's folder, and its own. */
export function imageStores(workspace: string): string[] {
  const named = settings().get("imageStore", "");
  const top = folderOf(workspace);
  const own = join(workspace, ".mede2", "images");
  return named !== "" && top !== undefined && isInside(top, named) ? [named, own] : [own];
}

/** The command, or undefined after the user was told why there is none and what to do. */
export async function cliOrTell(
  workspace: string | undefined,
): Promise<Extract<FoundCli, { found: true }> | undefined> {
  const cli = cliFor(workspace);
  if (cli.found) return cli;
  const choose = "Open Settings";
  const chosen = await vscode.window.showErrorMessage(`MedE² cannot start a command: ${cli.reason}.`, choose);
  if (chosen === choose)
    await vscode.commands.executeCommand("workbench.action.openSettings", "mede2.cliPath");
  return undefined;
}

/** Whether something may be started or written; says why not. */
export function mayChange(): { may: boolean; why: string } {
  if (!vscode.workspace.isTrusted)
    return {
      may: false,
      why: "this workspace is in Restricted Mode: trust it to start runs and to write verdicts",
    };
  if (diskFolders().length === 0) return { may: false, why: "there is no folder on disk to write in" };
  return { may: true, why: "" };
}

/** Throws away what must not go on in Restricted Mode, with a message. Commands are disabled there too; this is the second lock. */
export function refuseUnlessTrusted(): boolean {
  const { may, why } = mayChange();
  if (!may) void vscode.window.showWarningMessage(`MedE²: ${why}.`);
  return !may;
}
