import { basename, dirname, join } from "node:path";
import { isInside } from "@mede2/runs";
import * as vscode from "vscode";
import { askCli } from "../../cli/ask-cli.ts";
import * as commands from "../../cli/cli-arguments.ts";
import { oneLine } from "../../records/visible-text.ts";
import { doctorReplySchema, doctorText, machineLines } from "../../runs/plan-reply.ts";
import { runName } from "../../runs/run-name.ts";
import { diskFolders } from "../folders.ts";
import { cliOrTell, refuseUnlessTrusted, type Services } from "../services.ts";
import { followCommand, start } from "../start.ts";
import { openTrace } from "./file-commands.ts";

/** What this machine can do, from `mede2 doctor`, in the log of the extension and in one sentence. */
export async function doctor(services: Services): Promise<void> {
  if (refuseUnlessTrusted()) return;
  const [folder] = diskFolders();
  const cli = await cliOrTell(folder);
  if (cli === undefined || folder === undefined) return;
  const reply = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: "MedE²: looking at this machine" },
    () => askCli(cli, commands.doctor(), folder),
  );
  const log = services.log();
  if (!reply.ok) {
    log.error(reply.message);
    void vscode.window.showErrorMessage(`MedE²: mede2 doctor failed: ${reply.message}`);
    return;
  }
  const found = doctorReplySchema.parse(reply.json);
  log.info(doctorText(found, cli.from));
  const usable = found.devices.filter((device) => device.usable).map(({ name }) => name);
  const text = usable.length === 0 ? "no device is usable" : `usable: ${usable.join(", ")}`;
  const show = "Show All";
  const tell = usable.length === 0 ? vscode.window.showErrorMessage : vscode.window.showInformationMessage;
  if ((await tell(`MedE²: ${text}; mede2 comes from ${cli.from}.`, show)) !== show) return;
  const icon = (name: string, colour?: string) =>
    new vscode.ThemeIcon(name, colour === undefined ? undefined : new vscode.ThemeColor(colour));
  const items: vscode.QuickPickItem[] = [
    ...found.devices.map(({ name, usable: can, reason }) => ({
      ...{ label: name, description: can ? "usable" : "not usable", detail: oneLine(reason, 400) },
      iconPath: can ? icon("pass", "charts.green") : icon("circle-slash"),
    })),
    ...machineLines(found, cli.from).map((label) => ({ label, iconPath: icon("info") })),
  ];
  await vscode.window.showQuickPick(items, {
    title: "MedE²: what this machine can do",
    placeHolder: "The same stands in the log (Output: MedE²)",
    matchOnDetail: true,
  });
}

/** Both stages and the evaluation, in a new folder of the first folder of the window. */
export async function runDemo(services: Services): Promise<void> {
  if (refuseUnlessTrusted()) return;
  const [folder] = diskFolders();
  if (folder === undefined) return;
  const quick = {
    label: "Quick",
    detail: "Fewer cases and wider intervals: about three minutes on two cores",
    quick: true,
  };
  const full = { label: "Full", detail: "About ten minutes on two cores", quick: false };
  const chosen = await vscode.window.showQuickPick([quick, full], {
    title: "MedE²: the demo",
    placeHolder: "It goes on when you close this window",
  });
  if (chosen === undefined) return;
  const name = runName("demo", new Date());
  const out = join(folder, name);
  // the command makes its own folder; the log lies beside it, in the folder of the window
  const started = await start(services, { args: commands.demo(out, chosen.quick), workspace: folder, name });
  if (started === undefined) return;
  services.monitor.expect(out);
  await vscode.commands.executeCommand("mede2.runs.focus");
  void followCommand("the demo", started, {
    title: "Read the Answers",
    async open() {
      const found = await services.surveys.files("evaluation-record");
      const last = found.find(
        ({ path }) => isInside(out, path) && basename(dirname(path)).startsWith("stage2-"),
      );
      await openTrace(services, last === undefined ? undefined : vscode.Uri.file(last.path));
    },
  });
}

/** The terminal UI of a run or a workspace, in a terminal that runs the command itself and no shell. */
export async function openTerminalUi(services: Services, target: unknown): Promise<void> {
  if (refuseUnlessTrusted()) return;
  const folder =
    typeof target === "string" ? target : (services.monitor.runs[0]?.workspace ?? diskFolders()[0]);
  const cli = await cliOrTell(folder);
  if (cli === undefined || folder === undefined) return;
  const terminal = vscode.window.createTerminal({
    ...{
      name: `MedE² ${basename(folder)}`,
      shellPath: cli.program,
      shellArgs: [...cli.before, ...commands.watch(folder)],
    },
    ...{ cwd: folder, iconPath: new vscode.ThemeIcon("pulse") },
  });
  terminal.show();
}

export async function openCliLog(services: Services): Promise<void> {
  const log = services.context.workspaceState.get<string>("lastLog");
  if (log === undefined)
    void vscode.window.showInformationMessage("MedE²: no command was started in this workspace yet.");
  else await vscode.window.showTextDocument(vscode.Uri.file(log));
}
