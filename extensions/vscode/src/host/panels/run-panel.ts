import { basename, join } from "node:path";
import {
  openChangeBell,
  readLogPage,
  requestControl,
  runPlaces,
  type TrackedRun,
  trackRun,
} from "@mede2/runs";
import * as vscode from "vscode";
import {
  type FromRunView,
  fromRunViewSchema,
  type ToRunView,
  toRunViewSchema,
} from "../../protocol/run-messages.ts";
import { isLive } from "../../runs/run-text.ts";
import { curvesOf, eventLine, runView, tracesOf } from "../../runs/run-view.ts";
import { folderOf } from "../folders.ts";
import { mayChange, type Services } from "../services.ts";
import { openWebview, tabIcon } from "./open-webview.ts";

export const runType = "mede2.run";
const [shortestSeconds, longestSeconds, events] = [0.2, 1, 200];

/** Views of runs: one a run, each as long as its tab is open. */
export function runPanels(
  services: Services,
  act: { trace(path: string): Promise<void>; resume(dir: string): Promise<void> },
) {
  const open = new Map<string, vscode.WebviewPanel>();
  const fill = (panel: vscode.WebviewPanel, dir: string) => {
    open.set(dir, panel);
    panel.onDidDispose(() => open.delete(dir));
    panel.iconPath = tabIcon(services);
    followRun(services, panel, dir, act);
  };
  return {
    show(dir: string) {
      const known = open.get(dir);
      if (known !== undefined) return known.reveal();
      fill(vscode.window.createWebviewPanel(runType, basename(dir), vscode.ViewColumn.Active, {}), dir);
    },
    restore(panel: vscode.WebviewPanel, state: unknown) {
      const dir =
        typeof state === "object" && state !== null && "run" in state && typeof state.run === "string"
          ? state.run
          : undefined;
      if (dir === undefined || folderOf(dir) === undefined) return panel.dispose();
      fill(panel, dir);
    },
    /** Whether a run is on the screen already, so that nobody needs to be told of it. */
    shows: (dir: string): boolean => open.get(dir)?.visible ?? false,
  };
}

function followRun(
  services: Services,
  panel: vscode.WebviewPanel,
  dir: string,
  act: { trace(path: string): Promise<void>; resume(dir: string): Promise<void> },
) {
  const tracker = trackRun(dir);
  const ended = new AbortController();
  panel.onDidDispose(() => ended.abort());
  let latest: TrackedRun | undefined;
  let reached: number | undefined;
  let [toldVersion, told, following] = [-1, "", false];
  const channel = openWebview<ToRunView, typeof fromRunViewSchema>(panel.webview, {
    ...{ services, view: "run", title: panel.title, outgoing: toRunViewSchema, incoming: fromRunViewSchema },
    receive: (message) =>
      message.type === "ready" ? begin() : message.type === "control" ? control(message) : openPlace(message),
  });
  panel.onDidChangeViewState(() => {
    if (panel.visible && latest !== undefined) begin();
  });

  function begin() {
    [toldVersion, told, reached] = [-1, "", undefined];
    if (following) return;
    following = true;
    void follow().finally(() => {
      following = false;
    });
  }

  /** Reads what is new whenever the folder changes, at most five times a second, and once a second whatever happens. */
  async function follow() {
    const bell = openChangeBell(dir, ["events.jsonl", "heartbeat", "control"], ended.signal);
    try {
      while (!ended.signal.aborted && panel.visible) {
        await look();
        const from = Date.now();
        await bell.wait(
          latest !== undefined && latest.read < 1
            ? 0
            : latest === undefined || isLive(latest.status)
              ? longestSeconds
              : 5 * longestSeconds,
        );
        await new Promise((resolve) =>
          setTimeout(resolve, Math.max(0, 1000 * shortestSeconds - (Date.now() - from))),
        );
      }
    } catch (error) {
      if (!ended.signal.aborted)
        channel.post({ type: "fault", message: error instanceof Error ? error.message : String(error) });
    } finally {
      bell.close();
    }
  }

  async function look() {
    latest = await tracker.read();
    if (ended.signal.aborted) return;
    const { may, why } = mayChange();
    const view = runView(latest, await tracesOf(dir));
    const signature = JSON.stringify([view, may]);
    if (signature !== told)
      channel.post({ type: "run", view, mayControl: may && latest.foreign === undefined, why });
    told = signature;
    if (latest.version !== toldVersion) {
      channel.post({ type: "curves", curves: curvesOf(latest) });
      toldVersion = latest.version;
    }
    await tellEvents(latest.log);
  }

  async function tellEvents(log: string) {
    const first = reached === undefined;
    const page = first
      ? await readLogPage(log, { at: Number.MAX_SAFE_INTEGER, direction: "back", count: events })
      : await readLogPage(log, { at: reached!, direction: "forward", count: events });
    const last = page.lines.at(-1);
    reached = first ? (last?.end ?? 0) : page.reached;
    if (page.lines.length > 0 || first)
      channel.post({ type: "events", lines: page.lines.map(eventLine), first });
  }

  async function control({ request, learningRate }: Extract<FromRunView, { type: "control" }>) {
    const { may, why } = mayChange();
    if (!may) throw new Error(`Nothing was asked for: ${why}`);
    if (latest === undefined) return;
    if (request === "resume" && !isLive(latest.status)) return act.resume(dir);
    if (request === "stop" && !(await confirmStop(basename(dir)))) return;
    await requestControl(dir, {
      by: controlName(),
      request,
      ...(learningRate === undefined ? {} : { args: { learningRate } }),
    });
  }

  async function openPlace({ what, file }: Extract<FromRunView, { type: "open" }>) {
    if (what === "plan")
      return vscode.window.showTextDocument(vscode.Uri.file(runPlaces.manifest(dir)), { preview: true });
    if (what === "folder") return vscode.commands.executeCommand("revealInExplorer", vscode.Uri.file(dir));
    if (what === "terminal") return vscode.commands.executeCommand("mede2.openTerminalUi", dir);
    if (file === undefined || !(await tracesOf(dir)).some((trace) => trace.file === file))
      throw new Error("there is no such file of traces in this run");
    return act.trace(join(runPlaces.traces(dir), file));
  }
}

/** Who asks for something: it stands in the run's record. */
export const controlName = (): string =>
  vscode.workspace.getConfiguration("mede2").get("reviewer", "") ||
  process.env.USER ||
  process.env.USERNAME ||
  "vscode";

/** Asks before a run is stopped. */
export async function confirmStop(name: string): Promise<boolean> {
  const stop = "Stop";
  const detail = "It saves a checkpoint first, and can be resumed.";
  return (await vscode.window.showWarningMessage(`Stop ${name}?`, { modal: true, detail }, stop)) === stop;
}
