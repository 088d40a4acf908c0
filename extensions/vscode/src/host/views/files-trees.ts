import { basename, dirname, relative } from "node:path";
import type { DataFile, FolderSurvey } from "@mede2/runs";
import * as vscode from "vscode";
import { splitName } from "../../runs/run-name.ts";
import { bytesText } from "../../runs/run-text.ts";
import { folderOf } from "../folders.ts";
import { traceEditorType } from "../panels/trace-editor.ts";
import type { Surveys } from "../surveys.ts";

const kinds: Readonly<Record<string, { title: string; icon: string; context: string }>> = {
  question: { title: "Questions", icon: "question", context: "data.questions" },
  demonstration: { title: "Demonstrations", icon: "mortar-board", context: "data.demonstrations" },
  candidates: { title: "Candidates", icon: "list-unordered", context: "data.candidates" },
  "preference-pair": { title: "Pairs", icon: "git-compare", context: "data.pairs" },
  verdict: { title: "Verdicts", icon: "law", context: "data.verdicts" },
};

type Node = { readonly item: vscode.TreeItem; readonly children: readonly Node[] };

/** A tree of what a survey finds. */
function treeOf(surveys: Surveys, make: (survey: FolderSurvey) => Node[]): vscode.TreeDataProvider<Node> {
  const changes = new vscode.EventEmitter<void>();
  surveys.onDidChange(() => changes.fire());
  return {
    onDidChangeTreeData: changes.event,
    getChildren: async (node) => (node === undefined ? make(await surveys.all()) : [...node.children]),
    getTreeItem: ({ item }) => item,
  };
}

const place = (path: string) => relative(folderOf(path) ?? dirname(path), dirname(path));

function fileNode(file: DataFile, context: string, icon: string): Node {
  const item = new vscode.TreeItem(
    basename(file.path),
    file.card === undefined
      ? vscode.TreeItemCollapsibleState.None
      : vscode.TreeItemCollapsibleState.Collapsed,
  );
  item.id = file.path;
  item.description = `${bytesText(file.bytes)} · ${place(file.path)}`;
  item.tooltip = file.path;
  item.iconPath = new vscode.ThemeIcon(icon);
  item.contextValue = context;
  item.resourceUri = vscode.Uri.file(file.path);
  item.command =
    context === "data.verdicts"
      ? { command: "vscode.open", title: "Open", arguments: [vscode.Uri.file(file.path)] }
      : {
          command: "vscode.openWith",
          title: "Open",
          arguments: [vscode.Uri.file(file.path), traceEditorType],
        };
  return { item, children: file.card === undefined ? [] : [cardNode(file.card)] };
}

function cardNode(card: string): Node {
  const item = new vscode.TreeItem("Data card");
  item.iconPath = new vscode.ThemeIcon("book");
  item.tooltip = card;
  item.command = { command: "markdown.showPreview", title: "Show", arguments: [vscode.Uri.file(card)] };
  return { item, children: [] };
}

/** Questions, demonstrations, candidates, pairs and verdicts, each with its card. */
export const datasetsTree = (surveys: Surveys) =>
  treeOf(surveys, ({ files }) =>
    Object.entries(kinds).flatMap(([record, { title, icon, context }]) => {
      const found = files.filter((file) => file.record === record);
      if (found.length === 0) return [];
      const item = new vscode.TreeItem(title, vscode.TreeItemCollapsibleState.Expanded);
      item.description = String(found.length);
      item.iconPath = new vscode.ThemeIcon(icon);
      return [{ item, children: found.map((file) => fileNode(file, context, "file")) }];
    }),
  );

/** Models and adapters on disk. */
export const checkpointsTree = (surveys: Surveys) =>
  treeOf(surveys, ({ models }) =>
    models.map((path) => {
      const item = new vscode.TreeItem(basename(path));
      item.id = path;
      item.description = place(path);
      item.tooltip = path;
      item.iconPath = new vscode.ThemeIcon("package");
      item.contextValue = "checkpoint";
      item.resourceUri = vscode.Uri.file(path);
      return { item, children: [] };
    }),
  );

/** Evaluations by folder: their records and their answers. */
export const evaluationsTree = (surveys: Surveys) =>
  treeOf(surveys, ({ files }) => {
    const folders = new Map<string, DataFile[]>();
    for (const file of files.filter(({ record }) => record === "evaluation-record" || record === "trace")) {
      const known = folders.get(dirname(file.path)) ?? [];
      folders.set(dirname(file.path), [...known, file]);
    }
    return [...folders].map(([folder, found]) => {
      const { short, when } = splitName(basename(folder));
      const item = new vscode.TreeItem(short, vscode.TreeItemCollapsibleState.Collapsed);
      item.id = folder;
      const parent = relative(folderOf(folder) ?? folder, dirname(folder)).replace(/^\.\.$/, "");
      item.description = [when, parent].filter((part) => part !== "").join(" · ");
      item.tooltip = folder;
      item.iconPath = new vscode.ThemeIcon("beaker");
      const icon = (file: DataFile) => (file.record === "trace" ? "comment-discussion" : "checklist");
      return { item, children: found.map((file) => fileNode(file, `data.${file.record}`, icon(file))) };
    });
  });
