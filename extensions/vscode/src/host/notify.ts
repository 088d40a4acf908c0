import * as vscode from "vscode";
import { tellOf } from "../runs/run-news.ts";
import { isLive, statusBarText } from "../runs/run-text.ts";
import type { Services } from "./services.ts";

/** The status bar item, and a message when a run that nobody watches ends or goes wrong. */
export function tellOfRuns(
  services: Services,
  panels: { show(dir: string): void; shows(dir: string): boolean },
): vscode.Disposable[] {
  const { monitor } = services;
  const item = vscode.window.createStatusBarItem("mede2.runs", vscode.StatusBarAlignment.Left, 50);
  item.name = "MedE² runs";
  item.command = "mede2.attachRun";
  const update = () => {
    void vscode.commands.executeCommand("setContext", "mede2.hasRuns", monitor.runs.length > 0);
    const said = statusBarText(monitor.readable);
    if (said === undefined) return item.hide();
    item.text = said.text;
    item.tooltip = said.tooltip;
    item.accessibilityInformation = { label: `MedE²: ${said.tooltip}`, role: "button" };
    item.backgroundColor = said.alarm ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
    item.show();
  };
  return [
    item,
    monitor.onDidChange(update),
    monitor.onDidTurn(async ({ run, news }) => {
      const settings = vscode.workspace.getConfiguration("mede2");
      const said = tellOf(run, news, settings.get<string>("notifications", "all"));
      if (said === undefined || panels.shows(run.dir)) return;
      const [open, stop, never] = ["Open", "Stop", "Don't Tell Me Again"];
      const tell = said.bad ? vscode.window.showErrorMessage : vscode.window.showInformationMessage;
      const chosen = await tell(`MedE²: ${said.text}`, open, ...(isLive(run.status) ? [stop] : []), never);
      if (chosen === open) panels.show(run.dir);
      if (chosen === stop) await vscode.commands.executeCommand("mede2.stopRun", run.dir);
      if (chosen === never) await settings.update("notifications", "off", vscode.ConfigurationTarget.Global);
    }),
  ];
}
