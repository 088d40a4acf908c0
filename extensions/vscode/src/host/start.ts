import { existsSync } from "node:fs";
import { open, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import * as vscode from "vscode";
import { complaint } from "../cli/ask-cli.ts";
import { startDetached } from "../cli/start-detached.ts";
import { cliOrTell, refuseUnlessTrusted, type Services } from "./services.ts";

export interface Start {
  readonly args: readonly string[];
  readonly workspace: string;
  /** What is started, for messages and for the name of the log. */
  readonly name: string;
  /** The folder of the run that will appear. */
  readonly run?: string;
}

export const logsOf = (workspace: string): string => join(workspace, ".mede2", "logs");

/** Starts a long command that outlives the window, and says when it fails. Resolves when its run has appeared, or when it is on its way. */
export async function start(services: Services, { args, workspace, name, run }: Start): Promise<boolean> {
  if (refuseUnlessTrusted()) return false;
  const cli = await cliOrTell(workspace);
  if (cli === undefined) return false;
  const log = join(logsOf(workspace), `${name}.log`);
  const started = startDetached(cli, args, workspace, log);
  services
    .log()
    .info(
      `started ${JSON.stringify([cli.program, ...cli.before, ...args])} as process ${started.pid ?? "none"} in ${workspace}; its output goes to ${log}`,
    );
  await services.context.workspaceState.update("lastLog", log);
  services.monitor.expect(workspace);
  let over = false;
  void started.ended.then(async ({ code, error }) => {
    over = true;
    services.surveys.invalidate();
    await services.monitor.look();
    if (error === undefined && (code === 0 || code === 130)) return;
    const reason = error ?? complaint(await tail(log)) ?? `exit code ${code}`;
    services.log().error(`${name}: ${reason}`);
    const show = "Show Log";
    const chosen = await vscode.window.showErrorMessage(`MedE²: ${name} failed: ${reason}`, show);
    if (chosen === show) await vscode.window.showTextDocument(vscode.Uri.file(log));
  });
  if (run === undefined) return true;
  for (let waited = 0; waited < 60_000 && !over; waited += 100) {
    if (existsSync(join(run, "run.json"))) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return existsSync(join(run, "run.json"));
}

async function tail(path: string): Promise<string> {
  const { size } = await stat(path);
  const file = await open(path, "r");
  try {
    const length = Math.min(size, 8192);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString("utf8", 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Says that something went on its way, where no view shows it. */
export function onItsWay(name: string, log: string): void {
  const show = "Show Log";
  void vscode.window
    .showInformationMessage(
      `MedE²: ${basename(name)} is on its way. It goes on when you close this window.`,
      show,
    )
    .then((chosen) => {
      if (chosen === show) void vscode.window.showTextDocument(vscode.Uri.file(log));
    });
}
