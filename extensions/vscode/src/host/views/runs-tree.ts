import { join } from "node:path";
import type { TrackedRun } from "@mede2/runs";
import * as vscode from "vscode";
import { oneLine } from "../../records/visible-text.ts";
import { splitName } from "../../runs/run-name.ts";
import { alarmText, isLive, runDescription, runLabel, statusIcon } from "../../runs/run-text.ts";
import type { MonitoredRun, RunMonitor } from "../run-monitor.ts";

/** A row of the tree: a run, or something that is to be said of it. */
export type RunNode =
  | { readonly kind: "run"; readonly run: MonitoredRun }
  | { readonly kind: "note"; readonly item: vscode.TreeItem };

/** The runs of the window's folders, those that live first, then the newest. */
export function runsTree(
  monitor: RunMonitor,
): vscode.TreeDataProvider<RunNode> & { readonly changes: vscode.EventEmitter<void> } {
  const changes = new vscode.EventEmitter<void>();
  monitor.onDidChange(() => changes.fire());
  return {
    changes,
    onDidChangeTreeData: changes.event,
    async getChildren(node) {
      if (node === undefined) {
        if (monitor.runs.length === 0) await monitor.look();
        const born = ({ found }: MonitoredRun) => (found.readable ? (found.run.createdAt ?? "") : "");
        const live = ({ found }: MonitoredRun) => Number(found.readable && isLive(found.run.status));
        return [...monitor.runs]
          .sort((a, b) => live(b) - live(a) || (born(a) < born(b) ? 1 : -1))
          .map((run) => ({ kind: "run", run }));
      }
      if (node.kind === "note" || !node.run.found.readable) return [];
      return notes(node.run.found.run).map((item) => ({ kind: "note", item }));
    },
    getTreeItem: (node) => (node.kind === "note" ? node.item : runItem(node.run)),
  };
}

function runItem({ found, workspace }: MonitoredRun): vscode.TreeItem {
  if (!found.readable) {
    const item = new vscode.TreeItem(oneLine(found.id, 80));
    item.description = "cannot be read";
    item.tooltip = oneLine(found.reason, 600);
    item.iconPath = new vscode.ThemeIcon("warning");
    item.contextValue = "unreadable";
    return item;
  }
  const { run } = found;
  const { short, when } = splitName(run.id);
  const item = new vscode.TreeItem(
    oneLine(short, 80),
    notes(run).length === 0
      ? vscode.TreeItemCollapsibleState.None
      : vscode.TreeItemCollapsibleState.Collapsed,
  );
  const { icon, colour } = statusIcon[run.status];
  const alarm = run.alarms.some(({ level }) => level === "error");
  item.id = run.dir;
  item.description = [runDescription(run), when].filter((part) => part !== "").join(" · ");
  item.iconPath = alarm
    ? new vscode.ThemeIcon("warning", new vscode.ThemeColor("charts.red"))
    : new vscode.ThemeIcon(icon, colour === undefined ? undefined : new vscode.ThemeColor(colour));
  item.tooltip = [
    `${run.id} (${run.kind}, ${run.recipe})`,
    run.status,
    `in ${workspace}`,
    ...run.alarms.map(alarmText),
  ]
    .map((line) => oneLine(line, 400))
    .join("\n");
  item.contextValue = `run.${run.status}`;
  item.accessibilityInformation = { label: runLabel(run), role: "treeitem" };
  item.command = { command: "mede2.attachRun", title: "Attach to Run", arguments: [run.dir] };
  return item;
}

function notes(run: TrackedRun): vscode.TreeItem[] {
  const note = (label: string, icon: string, colour?: string, tooltip?: string) => {
    const item = new vscode.TreeItem(oneLine(label, 200));
    item.iconPath = new vscode.ThemeIcon(
      icon,
      colour === undefined ? undefined : new vscode.ThemeColor(colour),
    );
    item.tooltip = oneLine(tooltip ?? label, 800);
    return item;
  };
  const { state, alarms } = run;
  const rows = alarms.map((alarm) =>
    note(
      alarm.message,
      alarm.level === "error" ? "error" : "warning",
      alarm.level === "error" ? "charts.red" : "charts.yellow",
      alarmText(alarm),
    ),
  );
  if (state.failure !== null)
    rows.push(note(state.failure.message, "error", "charts.red", alarmText(state.failure)));
  const checkpoint = state.checkpoints.at(-1);
  if (checkpoint !== undefined) {
    const item = note(`checkpoint of step ${checkpoint.step}`, "save");
    item.description = oneLine(checkpoint.path, 80);
    item.contextValue = "checkpoint";
    item.resourceUri = vscode.Uri.file(join(run.dir, checkpoint.path));
    rows.push(item);
  }
  for (const { task, metrics } of Object.values(state.evaluations).slice(0, 5)) {
    const text = Object.entries(metrics)
      .slice(0, 3)
      .map(([name, value]) => `${name} ${Number(value.toPrecision(4))}`)
      .join(", ");
    rows.push(note(`${task}: ${text}`, "beaker"));
  }
  return rows;
}
