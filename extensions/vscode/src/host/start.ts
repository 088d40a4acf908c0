import { existsSync } from "node:fs";
import { open, stat } from "node:fs/promises";
import { join } from "node:path";
import * as vscode from "vscode";
import { complaint } from "../cli/ask-cli.ts";
import { startDetached } from "../cli/start-detached.ts";
import { splitName } from "../runs/run-name.ts";
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

/** A command that was started, as long as this window lives. */
export interface Started {
  readonly log: string;
  /** Whether its run has appeared; true when none was waited for. */
  readonly appeared: boolean;
  /** True when it came to its end, false when it failed or was stopped. */
  readonly done: Promise<boolean>;
  /** Asks it to stop, as Ctrl-C does: it keeps what is done. */
  stop(): void;
}

/** Starts a long command that outlives the window, and says when it fails. Resolves when its run has appeared, or when it is on its way. */
export async function start(
  services: Services,
  { args, workspace, name, run }: Start,
): Promise<Started | undefined> {
  if (refuseUnlessTrusted()) return undefined;
  const cli = await cliOrTell(workspace);
  if (cli === undefined) return undefined;
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
  const done = started.ended.then(async ({ code, error }) => {
    over = true;
    services.surveys.invalidate();
    await services.monitor.look();
    if (error === undefined && (code === 0 || code === 130)) return code === 0;
    void tellFailure(services, name, log, error ?? complaint(await tail(log)) ?? `exit code ${code}`);
    return false;
  });
  const stop = () => {
    if (!over && started.pid !== undefined) process.kill(started.pid, "SIGINT");
  };
  const there = () => run === undefined || existsSync(join(run, "run.json"));
  for (let waited = 0; waited < 60_000 && !over && !there(); waited += 100)
    await new Promise((resolve) => setTimeout(resolve, 100));
  return { log, appeared: there(), done, stop };
}

async function tellFailure(services: Services, name: string, log: string, reason: string): Promise<void> {
  services.log().error(`${name}: ${reason}`);
  const show = "Show Log";
  const chosen = await vscode.window.showErrorMessage(
    `MedE²: ${splitName(name).short} failed: ${reason}`,
    show,
  );
  if (chosen === show) await vscode.window.showTextDocument(vscode.Uri.file(log));
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

/** Says that something went on its way, where no view shows it; and that it is done, with what came of it. */
export async function followCommand(
  what: string,
  { log, stop, done }: Started,
  result: { readonly title: string; open(): unknown },
): Promise<void> {
  const [halt, show] = ["Stop", "Show Log"];
  void vscode.window
    .showInformationMessage(
      `MedE²: ${what} is on its way. It goes on when you close this window.`,
      halt,
      show,
    )
    .then((chosen) => {
      if (chosen === halt) stop();
      if (chosen === show) void vscode.window.showTextDocument(vscode.Uri.file(log));
    });
  if (!(await done)) return;
  const wish = vscode.workspace.getConfiguration("mede2").get<string>("notifications", "all");
  if (wish !== "all") return;
  const chosen = await vscode.window.showInformationMessage(`MedE²: ${what} is done.`, result.title);
  if (chosen === result.title) await result.open();
}
