import { basename } from "node:path";
import * as vscode from "vscode";
import { isLive, runDescription, statusBarText } from "../runs/run-text.ts";
import type { Services } from "./services.ts";

/** The status bar item, and a message when a run that nobody watches ends. */
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
    monitor.onDidTurn(async ({ run }) => {
      const wish = vscode.workspace.getConfiguration("mede2").get<string>("notifications", "all");
      const bad = run.status === "failed" || run.status === "lost";
      if (
        wish === "off" ||
        (wish === "failures" && !bad) ||
        isLive(run.status) ||
        run.status === "stopped" ||
        panels.shows(run.dir)
      )
        return;
      const [open, never] = ["Open", "Don't Tell Me Again"];
      const tell = bad ? vscode.window.showErrorMessage : vscode.window.showInformationMessage;
      const chosen = await tell(`MedE²: ${basename(run.dir)}: ${runDescription(run)}`, open, never);
      if (chosen === open) panels.show(run.dir);
      if (chosen === never)
        await vscode.workspace
          .getConfiguration("mede2")
          .update("notifications", "off", vscode.ConfigurationTarget.Global);
    }),
  ];
}
