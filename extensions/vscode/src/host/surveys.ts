import { type DataFile, type FolderSurvey, surveyFolder } from "@mede2/runs";
import * as vscode from "vscode";
import { diskFolders } from "./folders.ts";

const freshMilliseconds = 30_000;

/** What the folders of this window hold, looked through when it is asked for and again after something changed. */
export class Surveys {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #known = new Map<string, { survey: Promise<FolderSurvey>; at: number }>();
  #timer: NodeJS.Timeout | undefined;

  constructor(context: vscode.ExtensionContext) {
    const watchers = ["**/*.jsonl", "**/runs/*/run.json", "**/adapter_config.json"].map((glob) =>
      vscode.workspace.createFileSystemWatcher(glob, false, true, false),
    );
    for (const watcher of watchers) {
      watcher.onDidCreate(() => this.#later());
      watcher.onDidDelete(() => this.#later());
    }
    context.subscriptions.push(
      ...watchers,
      this.#changed,
      vscode.workspace.onDidChangeWorkspaceFolders(() => this.invalidate()),
      {
        dispose: () => clearTimeout(this.#timer),
      },
    );
  }

  of(folder: string): Promise<FolderSurvey> {
    const known = this.#known.get(folder);
    if (known !== undefined && Date.now() - known.at < freshMilliseconds) return known.survey;
    const survey = surveyFolder(folder);
    this.#known.set(folder, { survey, at: Date.now() });
    return survey;
  }

  async all(): Promise<FolderSurvey> {
    const found = await Promise.all(diskFolders().map((folder) => this.of(folder)));
    return {
      workspaces: [...new Set(found.flatMap(({ workspaces }) => workspaces))],
      files: found.flatMap(({ files }) => files),
      models: found.flatMap(({ models }) => models),
      cut: found.some(({ cut }) => cut),
    };
  }

  async files(record: DataFile["record"]): Promise<DataFile[]> {
    return (await this.all()).files
      .filter((file) => file.record === record)
      .sort((a, b) => b.modified - a.modified);
  }

  invalidate(): void {
    this.#known.clear();
    this.#changed.fire();
  }

  /** Files come in bursts. */
  #later(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.invalidate(), 1000);
  }
}
