import { type TrackedRun, trackWorkspace, type WorkspaceRun, type WorkspaceTracker } from "@mede2/runs";
import * as vscode from "vscode";
import { newsOf, type RunNews, type SeenRun, seenRun } from "../runs/run-news.ts";
import { isLive, runDescription } from "../runs/run-text.ts";
import type { Surveys } from "./surveys.ts";

/** A run and the workspace that it lies in. */
export interface MonitoredRun {
  readonly workspace: string;
  readonly found: WorkspaceRun;
}

/** What happened to a run while it was watched. */
export interface RunChange {
  readonly run: TrackedRun;
  readonly news: RunNews;
}

const [liveSeconds, idleSeconds, hiddenSeconds, expectedSeconds] = [1, 5, 20, 120];

/** Follows all runs of the window's folders. Reads often while a run lives and the window is in front, seldom otherwise. */
export class RunMonitor {
  readonly #changed = new vscode.EventEmitter<void>();
  /** Something that a list shows has changed. */
  readonly onDidChange = this.#changed.event;
  readonly #turned = new vscode.EventEmitter<RunChange>();
  /** Something happened to a run that somebody may want to hear of. */
  readonly onDidTurn = this.#turned.event;
  readonly #seen = new Map<string, SeenRun>();
  readonly #trackers = new Map<string, WorkspaceTracker>();
  readonly #surveys: Surveys;
  #runs: readonly MonitoredRun[] = [];
  #signature = "";
  #timer: NodeJS.Timeout | undefined;
  #reading: Promise<void> | undefined;
  #ended = false;
  /** Workspaces in which a run is about to appear, and until when that is thought. */
  readonly #expected = new Map<string, number>();

  constructor(context: vscode.ExtensionContext, surveys: Surveys) {
    this.#surveys = surveys;
    context.subscriptions.push(
      ...[this.#changed, this.#turned, surveys.onDidChange(() => void this.look())],
      vscode.window.onDidChangeWindowState(({ focused }) => {
        if (focused) void this.look();
      }),
      {
        dispose: () => {
          this.#ended = true;
          clearTimeout(this.#timer);
        },
      },
    );
  }

  get runs(): readonly MonitoredRun[] {
    return this.#runs;
  }

  get readable(): readonly TrackedRun[] {
    return this.#runs.flatMap(({ found }) => (found.readable ? [found.run] : []));
  }

  find(id: string): MonitoredRun | undefined {
    return this.#runs.find(({ found }) => (found.readable ? found.run.id : found.id) === id);
  }

  inFolder(dir: string): MonitoredRun | undefined {
    return this.#runs.find(({ found }) => (found.readable ? found.run.dir : found.dir) === dir);
  }

  /** A workspace in which a run is about to appear. */
  expect(workspace: string): void {
    this.#expected.set(workspace, performance.now() + 1000 * expectedSeconds);
    void this.look();
  }

  /** Reads everything once, now. */
  look(): Promise<void> {
    clearTimeout(this.#timer);
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
      if (!this.#ended) this.#timer = setTimeout(() => void this.look(), 1000 * this.#pause());
    });
    return this.#reading;
  }

  #pause(): number {
    if (!vscode.window.state.focused && !vscode.window.state.active) return hiddenSeconds;
    return this.readable.some(({ status }) => isLive(status)) || this.#expected.size > 0
      ? liveSeconds
      : idleSeconds;
  }

  async #read(): Promise<void> {
    const surveyed = new Set((await this.#surveys.all()).workspaces);
    for (const [workspace, end] of this.#expected)
      if (performance.now() > end) this.#expected.delete(workspace);
    const workspaces = new Set([...surveyed, ...this.#expected.keys()]);
    const runs: MonitoredRun[] = [];
    for (const workspace of [...workspaces].sort()) {
      const tracker = this.#trackers.get(workspace) ?? trackWorkspace(workspace);
      this.#trackers.set(workspace, tracker);
      try {
        for (const found of await tracker.read()) runs.push({ workspace, found });
      } catch {
        this.#trackers.delete(workspace); // the folder went away, or cannot be read now: the next look tries again
      }
    }
    this.#runs = runs;
    for (const run of this.readable) {
      for (const news of newsOf(this.#seen.get(run.dir), run)) this.#turned.fire({ run, news });
      this.#seen.set(run.dir, seenRun(run, this.#seen.get(run.dir)));
    }
    const signature = runs
      .map(({ found }) =>
        found.readable
          ? `${found.run.dir} ${runDescription(found.run)} ${found.run.state.checkpoints.length} ${found.run.alarms.map(({ message }) => message).join()}`
          : `${found.dir} ${found.reason}`,
      )
      .join("\n");
    if (signature === this.#signature) return;
    this.#signature = signature;
    this.#changed.fire();
  }
}
