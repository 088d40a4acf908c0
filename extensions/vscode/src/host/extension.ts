import * as vscode from "vscode";
import { type FileTarget, uriOf } from "./commands/choose-file.ts";
import { buildPairs, evaluateCheckpoint, openTrace, reviewPairs } from "./commands/file-commands.ts";
import { doctor, openCliLog, openTerminalUi, runDemo } from "./commands/machine-commands.ts";
import { newRun } from "./commands/new-run.ts";
import {
  askRun,
  chooseRuns,
  openPlan,
  type RunTarget,
  resumeRun,
  revealRun,
  runOf,
} from "./commands/run-commands.ts";
import { runExistingPlan } from "./commands/run-plan.ts";
import { evaluationTests } from "./evaluation-tests.ts";
import { languageModelTools } from "./language-model-tools.ts";
import { linkHandler, linkTo } from "./links.ts";
import { tellOfRuns } from "./notify.ts";
import { showComparison } from "./panels/comparison-panel.ts";
import { reviewPanels, reviewType } from "./panels/review-panel.ts";
import { runPanels, runType } from "./panels/run-panel.ts";
import { traceEditors, traceEditorType } from "./panels/trace-editor.ts";
import { planLens } from "./plan-lens.ts";
import { openServices } from "./services.ts";
import { terminalLinks } from "./terminal-links.ts";
import { checkpointsTree, datasetsTree, evaluationsTree } from "./views/files-trees.ts";
import { runsTree } from "./views/runs-tree.ts";

/** Registers everything. Reads nothing itself: the first look at the folders comes after it. */
export function activate(context: vscode.ExtensionContext): void {
  const services = openServices(context);
  const { surveys, monitor } = services;
  const editors = traceEditors(services);
  const panels = runPanels(services, {
    trace: (path) => editors.open(vscode.Uri.file(path)),
    resume: (dir) => resumeRun(services, dir),
  });
  const reviews = reviewPanels(services);
  const openRun = (dir: string) => panels.show(dir);
  const here = (target: FileTarget) => uriOf(target) ?? editors.active?.uri;

  const pairsIn = (target: FileTarget) =>
    [uriOf(target), editors.active?.uri].find((uri) => uri?.path.endsWith(".pairs.jsonl"));

  const commands: Record<string, (target: never) => unknown> = {
    newRun: () => newRun(services, openRun),
    runDemo: () => runDemo(services),
    runPlan: (target: FileTarget) =>
      runExistingPlan(services, uriOf(target) ?? vscode.window.activeTextEditor?.document.uri, openRun),
    resumeRun: (target: RunTarget) => resumeRun(services, target),
    pauseRun: (target: RunTarget) => askRun(services, target, "pause"),
    stopRun: (target: RunTarget) => askRun(services, target, "stop"),
    checkpointRun: (target: RunTarget) => askRun(services, target, "checkpoint"),
    attachRun: async (target: RunTarget) => {
      const run = await runOf(services, target, () => true, "Which run?");
      if (run?.found.readable) openRun(run.found.run.dir);
    },
    compareRuns: async (target: RunTarget) => {
      const chosen = await chooseRuns(services, target);
      if (chosen !== undefined)
        showComparison(services, chosen, { run: openRun, record: (uri, line) => editors.open(uri, line) });
    },
    evaluateCheckpoint: (target: FileTarget) => evaluateCheckpoint(services, target),
    buildPairs: (target: FileTarget) => buildPairs(services, target),
    openTrace: (target: FileTarget) => openTrace(services, target),
    reviewPairs: (target: FileTarget) => reviewPairs(services, pairsIn(target), reviews.show),
    doctor: () => doctor(services),
    openTerminalUi: (target: unknown) => openTerminalUi(services, target),
    reopenAsText: async (target: FileTarget) => {
      const uri = here(target);
      if (uri === undefined) return;
      const line = Math.max(0, (editors.active?.line ?? 1) - 1);
      await vscode.commands.executeCommand("vscode.openWith", uri, "default", {
        selection: new vscode.Range(line, 0, line, 0),
      });
    },
    copyLink: async (target: FileTarget) => {
      const uri = here(target);
      if (uri === undefined) return;
      await vscode.env.clipboard.writeText(linkTo(uri, editors.active?.line ?? 1, context.extension.id));
      void vscode.window.setStatusBarMessage("MedE²: the link is in the clipboard", 3000);
    },
    revealRun: (target: RunTarget) => revealRun(services, target),
    openPlan: (target: RunTarget) => openPlan(services, target),
    openCliLog: () => openCliLog(services),
    refresh: () => surveys.invalidate(),
  };

  context.subscriptions.push(
    ...Object.entries(commands).map(([name, run]) =>
      vscode.commands.registerCommand(`mede2.${name}`, run as (target: unknown) => unknown),
    ),
    vscode.window.registerTreeDataProvider("mede2.runs", runsTree(monitor)),
    vscode.window.registerTreeDataProvider("mede2.datasets", datasetsTree(surveys)),
    vscode.window.registerTreeDataProvider("mede2.checkpoints", checkpointsTree(surveys)),
    vscode.window.registerTreeDataProvider("mede2.evaluations", evaluationsTree(surveys)),
    vscode.window.registerCustomEditorProvider(traceEditorType, editors, {
      supportsMultipleEditorsPerDocument: true,
    }),
    vscode.window.registerWebviewPanelSerializer(runType, {
      deserializeWebviewPanel: async (panel, state: unknown) => panels.restore(panel, state),
    }),
    vscode.window.registerWebviewPanelSerializer(reviewType, {
      deserializeWebviewPanel: (panel, state: unknown) =>
        reviews.restore(panel, state, () => vscode.workspace.getConfiguration("mede2").get("reviewer", "")),
    }),
    vscode.window.registerUriHandler(linkHandler((uri, line) => editors.open(uri, line))),
    terminalLinks({ run: openRun, records: (uri, line) => editors.open(uri, line) }),
    vscode.languages.registerCodeLensProvider({ pattern: "**/*.plan.json" }, planLens()),
    ...tellOfRuns(services, panels),
    evaluationTests(services),
    languageModelTools(services),
  );
  setTimeout(() => void monitor.look(), 0);
}
