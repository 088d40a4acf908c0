import { basename, join } from "node:path";
import {
  type ChangeBell,
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
  const titled = async (title: string) => {
    await services.monitor.look();
    return services.monitor.readable.find(({ dir }) => basename(dir) === title)?.dir;
  };
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
    /** After a reload of the window: the page kept which run it was of; where the editor has lost that, its tab's title says it. */
    async restore(panel: vscode.WebviewPanel, state: unknown) {
      const kept =
        typeof state === "object" && state !== null && "run" in state && typeof state.run === "string"
          ? state.run
          : await titled(panel.title);
      if (kept === undefined || folderOf(kept) === undefined) return panel.dispose();
      fill(panel, kept);
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
  let bell: ChangeBell | undefined;
  let [toldVersion, told, fault, following] = [-1, "", "", false];
  const channel = openWebview<ToRunView, typeof fromRunViewSchema>(panel.webview, {
    ...{ services, view: "run", title: panel.title, outgoing: toRunViewSchema, incoming: fromRunViewSchema },
    receive: (message) =>
      message.type === "ready" ? begin() : message.type === "control" ? control(message) : openPlace(message),
  });
  let seen = panel.visible;
  panel.onDidChangeViewState(() => {
    if (panel.visible && !seen) begin();
    seen = panel.visible;
  });

  function begin() {
    [toldVersion, told, fault, reached] = [-1, "", "", undefined];
    if (following) return bell?.ring(); // a new page shall not wait for the next look
    following = true;
    void follow().finally(() => {
      following = false;
    });
  }

  /** Reads what is new whenever the folder changes, at most five times a second, and once a second whatever happens. */
  async function follow() {
    bell = openChangeBell(dir, ["events.jsonl", "heartbeat", "control"], ended.signal);
    try {
      while (!ended.signal.aborted && panel.visible) {
        await lookOrTell();
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
    } finally {
      bell.close();
    }
  }

  /** What cannot be read now, as on a disk of a network that is away, is said and tried again. */
  async function lookOrTell() {
    let now = "";
    try {
      await look();
    } catch (error) {
      now = error instanceof Error ? error.message : String(error);
    }
    if (now !== fault && !ended.signal.aborted) channel.post({ type: "fault", message: now });
    fault = now;
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

  async function control({ request }: Extract<FromRunView, { type: "control" }>) {
    const { may, why } = mayChange();
    if (!may) throw new Error(`Nothing was asked for: ${why}`);
    if (latest === undefined) return;
    if (request === "resume" && !isLive(latest.status)) return act.resume(dir);
    if (request === "stop" && !(await confirmStop(basename(dir)))) return;
    if (request !== "learning-rate") return void (await requestControl(dir, { by: controlName(), request }));
    const learningRate = await askLearningRate(basename(dir), latest.state.latest?.learningRate);
    if (learningRate !== undefined)
      await requestControl(dir, { by: controlName(), request, args: { learningRate } });
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

/** Asks for a new learning rate; undefined when the user has left. */
async function askLearningRate(name: string, now: number | undefined): Promise<number | undefined> {
  const text = await vscode.window.showInputBox({
    title: `MedE²: learning rate of ${name}`,
    prompt:
      "The rate from the next step on, in place of the schedule of the plan; it stands in the run's record",
    value: now === undefined ? "" : String(now),
    validateInput: (typed) =>
      Number(typed) > 0 && Number(typed) < 1 ? undefined : "A number above 0 and below 1",
  });
  return text === undefined ? undefined : Number(text);
}

/** Asks before a run is stopped. */
export async function confirmStop(name: string): Promise<boolean> {
  const stop = "Stop";
  const detail = "It saves a checkpoint first, and can be resumed.";
  return (await vscode.window.showWarningMessage(`Stop ${name}?`, { modal: true, detail }, stop)) === stop;
}
