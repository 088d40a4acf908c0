import { join } from "node:path";
import {
  isProcessHere,
  openChangeBell,
  type RunTracker,
  requestControl,
  thisHost,
  trackRun,
  trackWorkspace,
  type WorkspaceTracker,
} from "@mede2/runs";
import { type Comparison, openComparison } from "./data/compare-data.ts";
import type { Launcher } from "./data/launch.ts";
import { eventLines, fileLines } from "./data/line-source.ts";
import { type LogView, openLogView } from "./data/log-view.ts";
import { openInEditor } from "./data/open-editor.ts";
import { recordVerdict } from "./data/record-verdict.ts";
import type { Replay } from "./data/replay.ts";
import { openScreenPictures, type ToTerminal } from "./data/screen-pictures.ts";
import { openSystemProbe, type SystemProbe } from "./data/system.ts";
import { openTracesView, type TracesView } from "./data/traces-view.ts";
import { actionOf } from "./keys/key-table.ts";
import type { Look } from "./look/look.ts";
import { paintLines } from "./look/paint.ts";
import { frame } from "./screens/frame.ts";
import { heldScroll } from "./screens/held-scroll.ts";
import { logRows } from "./screens/log.ts";
import { spokenScreen } from "./screens/spoken.ts";
import type { PictureView } from "./screens/trace.ts";
import { act, type Step } from "./state/act.ts";
import { dirOf } from "./state/listed-runs.ts";
import { emptyLog, initialModel, type Model } from "./state/model.ts";
import { answerPrompt } from "./state/prompt.ts";
import { formKey } from "./state/recipe-form.ts";
import { type Effect, initialUi, type Ui } from "./state/ui.ts";
import { openWorkQueue } from "./work-queue.ts";

export interface SessionSettings {
  workspace: string;
  /** A run to open at once. */
  run?: string | undefined;
  replay?: Replay | undefined;
  launcher?: Launcher | undefined;
  /** Who asks, and who judges. */
  user: string;
  /** Looks at files so often a second at most. Default: 2. */
  framesPerSecond?: number;
  clock?: () => number;
  /** Opens a file in an editor. */
  openEditor?: (path: string) => void;
  toTerminal?: ToTerminal;
  /** Stops the viewer until its user wants it back, with the terminal as it was before. */
  suspend?: () => Promise<void> | void;
  /** Draws the whole screen again, over whatever another program wrote on it. */
  redraw?: () => Promise<void> | void;
}

/** A viewer without a terminal: files in, keys in, lines out. */
export interface Session {
  model(): Model;
  ui(): Ui;
  /** A key by its name; `text` is what it types. */
  press(key: string, text?: string): void;
  resize(look: Look): void;
  /** The screen as it is painted. The same array as before when nothing changed. */
  lines(): readonly string[];
  /** The screen as sentences. */
  spoken(): string[];
  subscribe(listener: () => void): () => void;
  /** Resolves when whatever is under way has been read and done. */
  settled(): Promise<void>;
  /** Resolves when the viewer is to be closed. */
  done: Promise<void>;
  close(): void;
}

const systemEvery = 2000;
const workspaceEvery = 1000;
/** Of many runs all files are looked at less often: 200 of them every two seconds. */
const millisecondsPerRun = 10;

/** Opens a session and begins to read. Nothing of what goes wrong with a file ends it: it is shown instead. */
export function openSession(settings: SessionSettings, look: Look): Session {
  const { workspace, user, clock = Date.now, launcher, replay } = settings;
  const host = thisHost();
  const frameMilliseconds = 1000 / (settings.framesPerSecond ?? 2);
  let model = initialModel(workspace, clock());
  let ui = initialUi(settings.run === undefined ? "workspace" : "run");
  let painted: readonly string[] = [];
  let stale = true;
  let closed = false;
  const listeners = new Set<() => void>();
  const ended = new AbortController();
  let finish: () => void = () => {};
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });

  let tracker: RunTracker | undefined;
  let bell: ReturnType<typeof openChangeBell> | undefined;
  let logView: { path: string; view: LogView } | undefined;
  let traces: TracesView = openTracesView(() => model.run, workspace, clock);
  let probe: SystemProbe | undefined;
  let comparison: Comparison | undefined;
  let [systemAt, workspaceAt] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const list: WorkspaceTracker = trackWorkspace(workspace, host);

  const changed = () => {
    stale = true;
    for (const listener of listeners) listener();
  };
  const pictures = openScreenPictures(changed, settings.toTerminal);
  const update = (change: Partial<Model>) => {
    model = { ...model, ...change };
    changed();
  };
  const tell = (text: string, bad = false) => {
    ui = { ...ui, notice: { text, bad } };
    changed();
  };

  const openRun = (dir: string) => {
    tracker = replay?.tracker ?? trackRun(dir);
    bell?.close();
    bell = openChangeBell(dir, [], ended.signal);
    logView = undefined;
    traces = openTracesView(() => model.run, workspace, clock);
    update({
      run: undefined,
      problem: undefined,
      log: emptyLog,
      traces: initialModel(workspace, 0).traces,
      compare: undefined,
    });
  };

  /** One look at the files that the screen shows. */
  const look1 = async () => {
    const now = clock();
    const inRun = !["workspace", "launch", "recipe", "compare"].includes(ui.screen);
    const next: Partial<Model> = { now, problem: undefined };
    if (inRun && tracker !== undefined) {
      const current = tracker;
      const run = await current.read();
      if (tracker !== current) return; // another run was opened meanwhile
      next.run = run;
      // a replay goes by the clock of then
      if (replay !== undefined && run.state.updatedAt !== null) next.now = Date.parse(run.state.updatedAt);
      if (ui.screen === "log") {
        if (logView?.path !== run.log) {
          const lines = replay === undefined ? fileLines(run.log) : eventLines(replay.events);
          logView = { path: run.log, view: openLogView(lines, ui.hideSteps) };
        }
        next.log = await logView.view.refresh(logRows(look.rows - 2, ui.logDetail));
      }
      if (replay !== undefined) next.replay = replay.model();
    }
    const listEvery = Math.max(workspaceEvery, millisecondsPerRun * (model.runs?.length ?? 0));
    if (!inRun && now - workspaceAt >= listEvery) {
      workspaceAt = now;
      next.runs = await list.read();
      // whoever opens the list looks for what runs
      const alive = next.runs.find((each) => each.readable && each.run.status === "running");
      if (ui.selected === undefined && alive !== undefined) ui = { ...ui, selected: dirOf(alive) };
      if (next.runs.some((each) => each.readable && each.run.read < 1))
        workspaceAt = Number.NEGATIVE_INFINITY;
    }
    if (ui.screen === "compare" && model.compare !== undefined) next.compare = await comparison?.read();
    if (ui.screen === "system" && now - systemAt >= systemEvery) {
      systemAt = now;
      probe ??= openSystemProbe();
      const beat = (next.run ?? model.run)?.heartbeat ?? null;
      const pid = beat !== null && isProcessHere(beat, host) ? beat.pid : undefined;
      next.system = await probe.sample(model.run?.dir ?? workspace, pid);
    }
    update(next);
  };

  const loop = async () => {
    if (settings.run !== undefined) openRun(settings.run);
    while (!closed) {
      const begun = performance.now();
      try {
        await work.watch(look1());
      } catch (error) {
        update({ problem: error instanceof Error ? error.message : String(error) });
      }
      const unread = model.run !== undefined && model.run.read < 1;
      const spent = performance.now() - begun;
      // a long log is read on at once, with a breath for the keys
      await pause(unread ? 5 : Math.max(20, frameMilliseconds - spent));
      if (!unread && replay === undefined && bell !== undefined && ui.screen !== "workspace")
        await bell.wait(Math.max(0, 1 - frameMilliseconds / 1000));
      else if (!unread && replay === undefined) await nap(Math.max(0, 1000 - frameMilliseconds));
    }
  };
  let wake: (() => void) | undefined;
  const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
  /** A pause that a key ends. */
  const nap = (milliseconds: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const hurry = () => {
    wake?.();
    bell?.ring();
  };

  const work = openWorkQueue((error) => tell(error instanceof Error ? error.message : String(error), true));
  const run = (effect: Effect) => work.add(() => effects[effect.kind](effect as never));

  type Effects = {
    [Kind in Effect["kind"]]: (effect: Extract<Effect, { kind: Kind }>) => Promise<void> | void;
  };
  const effects: Effects = {
    quit: () => finish(),
    suspend: () => settings.suspend?.(),
    redraw: () => settings.redraw?.(),
    "open-run": ({ dir }) => {
      openRun(dir);
      hurry();
    },
    control: async ({ request, learningRate }) => {
      if (model.run === undefined) return;
      await requestControl(
        model.run.dir,
        { by: user, request, ...(learningRate !== undefined && { args: { learningRate } }) },
        { clock },
      );
      tell(`asked for ${request}; the answer comes with the next step`);
      hurry();
    },
    log: async ({ move }) => {
      if (logView === undefined) return;
      if ("search" in move) update({ log: { ...model.log, searching: true } });
      const before = model.log.selected;
      const log = await logView.view.move(move, logRows(look.rows - 2, ui.logDetail));
      update({ log });
      if ("search" in move) {
        const found = log.selected !== undefined && log.selected !== before;
        if (found) ui = { ...ui, hideSteps: false };
        tell(found ? "found; n for the next" : `${move.search}: nothing more in that direction`, !found);
      }
    },
    traces: async (where) => {
      update({
        traces: await traces.open({
          ...(where.source !== undefined && { source: where.source }),
          ...(where.record !== undefined && { record: where.record }),
        }),
      });
    },
    verdict: async ({ choice }) => {
      const record = model.traces.open;
      if (record?.pair === undefined) return;
      const { order, blind } = await recordVerdict(
        record,
        { reviewer: user, choice, blind: ui.trace.blind, comment: ui.comment },
        clock,
      );
      ui = { ...ui, comment: "" };
      update({ traces: await traces.again() });
      const said = {
        first: "the first is better",
        second: "the second is better",
        tie: "a tie",
        neither: "neither",
      }[choice];
      const revealed = blind ? `; the chosen one stood ${order === "chosen-first" ? "first" : "second"}` : "";
      tell(`recorded: ${said}${revealed}; n for the next pair`);
    },
    compare: async ({ dirs }) => {
      comparison = openComparison(dirs, workspace);
      update({ compare: undefined });
      update({ compare: await comparison.read() });
    },
    "load-launch": async () => {
      update({ launch: launcher === undefined ? [] : await launcher.choices(workspace) });
    },
    prepare: ({ id, key, values }) => {
      if (launcher === undefined || (model.preparing?.key === key && model.preparing.result === undefined))
        return;
      update({ preparing: { key, result: undefined } });
      // it takes seconds: keys do not wait for it
      void work.watch(
        launcher.prepare(workspace, id, values).then(
          (result) => {
            if (model.preparing?.key !== key) return; // another one was asked for meanwhile
            update({ preparing: { key, result } });
            const choice = model.launch?.[ui.launch];
            const asked =
              choice !== undefined && formKey(choice, ui.form.values) === key && ui.prompt === null;
            if (result.id === undefined || ui.screen !== "recipe" || !asked) return;
            const text = `Start it: ${result.estimate}?`;
            ui = { ...ui, prompt: { kind: "confirm", text, effect: { kind: "launch", id: result.id } } };
            changed();
          },
          (error: unknown) => {
            update({ preparing: undefined });
            tell(error instanceof Error ? error.message : String(error), true);
          },
        ),
      );
    },
    launch: async ({ id }) => {
      if (launcher === undefined) return;
      const { pid, log } = await launcher.start(workspace, id);
      ui = { ...ui, screen: "workspace", before: [], sort: "newest", selected: undefined };
      tell(`started as process ${pid}; its output goes to ${log}`);
      workspaceAt = Number.NEGATIVE_INFINITY;
    },
    editor: () => {
      const open =
        ui.screen === "trace" || ui.screen === "traces"
          ? model.traces.sources[model.traces.source]?.path
          : undefined;
      const dir = ui.screen === "workspace" ? ui.selected : model.run?.dir;
      const path = open ?? (dir === undefined ? undefined : join(dir, "run.json"));
      if (path === undefined) return;
      (settings.openEditor ?? openInEditor)(path);
      tell(`opened ${path} in VS Code`);
    },
    replay: ({ change }) => {
      replay?.change(change);
      hurry();
    },
  };

  /** The picture of the open record. */
  const picture = (): PictureView => {
    const images = model.traces.open?.question?.images ?? [];
    const ref = images[Math.min(ui.trace.picture, images.length - 1)];
    if (ui.screen !== "trace" || ref === undefined) return undefined;
    return pictures.of(ref, workspace, model.run?.manifest?.imageStore, look);
  };

  const follow = ({ ui: next, effects: wanted }: Step) => {
    const before = ui;
    ui = next; // the picture is that of the screen that is to come
    ui = heldScroll(before, next, model, look, picture());
    changed();
    for (const effect of wanted) run(effect);
    if (ui.screen !== before.screen) hurry();
  };

  void loop();
  return {
    model: () => model,
    ui: () => ui,
    press(key, text = key) {
      if (ui.prompt !== null) return follow(answerPrompt(ui, key, text));
      const action = actionOf(key, ui.screen, replay !== undefined);
      if (action !== undefined) follow(act(ui, action, model, look.rows - 2));
    },
    resize(next) {
      look = next;
      changed();
      hurry();
    },
    lines() {
      if (!stale) return painted;
      const next = paintLines(frame(model, ui, look, picture()), look);
      if (next.length !== painted.length || next.some((line, index) => line !== painted[index]))
        painted = next;
      stale = false; // only now: what cannot be drawn must not pass for drawn
      return painted;
    },
    spoken: () => spokenScreen(model, ui),
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    settled: () => work.settled(),
    done,
    close() {
      closed = true;
      ended.abort();
      hurry();
      bell?.close();
      probe?.close();
      pictures.close();
      finish();
    },
  };
}
