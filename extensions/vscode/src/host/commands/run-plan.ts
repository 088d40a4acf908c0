import { basename, dirname } from "node:path";
import { workspaceOfFile } from "@mede2/runs";
import * as vscode from "vscode";
import { askCli } from "../../cli/ask-cli.ts";
import * as commands from "../../cli/cli-arguments.ts";
import { estimateText, planReplySchema } from "../../runs/plan-reply.ts";
import { folderOf } from "../folders.ts";
import { cliOrTell, refuseUnlessTrusted, type Services } from "../services.ts";
import { startPlan } from "./start-plan.ts";

/** Checks a plan file, says what it needs, and starts it when the user agrees. */
export async function runExistingPlan(
  services: Services,
  uri: vscode.Uri | undefined,
  open: (dir: string) => void,
): Promise<void> {
  if (uri === undefined || refuseUnlessTrusted()) return;
  await vscode.workspace.save(uri);
  const plan = uri.fsPath;
  const workspace = workspaceOfFile(plan, folderOf(plan) ?? dirname(plan));
  const cli = await cliOrTell(workspace);
  if (cli === undefined) return;
  const reply = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: `MedE²: checking ${basename(plan)}` },
    () => askCli(cli, commands.checkPlan(plan, workspace), workspace),
  );
  if (!reply.ok) {
    void vscode.window.showErrorMessage(`MedE²: ${reply.message}`);
    return;
  }
  const checked = planReplySchema.parse(reply.json);
  const findings = checked.findings.map(({ level, message }) => `${level}: ${message}`).join("\n");
  if (!checked.valid) {
    void vscode.window.showErrorMessage(`MedE²: ${basename(plan)} cannot run.`, {
      modal: true,
      detail: findings,
    });
    return;
  }
  const begin = "Start";
  const detail = [estimateText(checked), findings, "It goes on when you close this window."]
    .filter((part) => part !== "")
    .join("\n\n");
  if (
    (await vscode.window.showInformationMessage(
      `Start ${basename(plan)}?`,
      { modal: true, detail },
      begin,
    )) === begin
  )
    await startPlan(services, plan, workspace, open);
}
