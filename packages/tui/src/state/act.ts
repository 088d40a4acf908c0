import type { ControlName } from "@mede2/schemas";
import type { Action } from "../keys/key-table.ts";
import { chartsOf } from "./charts.ts";
import { criteriaOf } from "./criteria.ts";
import { dirOf, listedRuns, selectedIndex } from "./listed-runs.ts";
import type { Model } from "./model.ts";
import { besideOption, fieldValue, formKey, formValues } from "./recipe-form.ts";
import { type Effect, runScreens, type ScreenName, smoothings, type Ui } from "./ui.ts";
import { zoomed } from "./zoom.ts";

/** What a key leads to: another state of the screen, and what is to be done outside. */
export interface Step {
  ui: Ui;
  effects: readonly Effect[];
}

export const stay = (ui: Ui, ...effects: Effect[]): Step => ({ ui, effects });

/** The rule of an action. `page` is about the height of the screen. Pure. */
export function act(ui: Ui, action: Action, model: Model, page: number): Step {
  const clear: Ui = { ...ui, notice: null };
  return rules[action](clear, model, page);
}

type Rule = (ui: Ui, model: Model, page: number) => Step;

const go = (ui: Ui, screen: ScreenName): Ui => ({
  ...ui,
  screen,
  before: [...ui.before, ui.screen].slice(-8),
  scroll: 0,
});
const tell = (ui: Ui, text: string, bad = false): Step => stay({ ...ui, notice: { text, bad } });

/** To a screen of the run, and no deeper: the number keys do not pile up. */
const runScreen =
  (screen: (typeof runScreens)[number]): Rule =>
  (ui) =>
    stay({ ...ui, screen, scroll: 0 }, ...(screen === "traces" ? ([{ kind: "traces" }] as const) : []));

const beside =
  (by: 1 | -1): Rule =>
  (ui, model, page) => {
    const at = runScreens.indexOf(ui.screen as (typeof runScreens)[number]);
    const next = runScreens[(at + by + runScreens.length) % runScreens.length]!;
    return runScreen(next)(ui, model, page);
  };

/** Up and down mean what the screen is about: a list, the log, a text. How far a text can be scrolled is known to who draws it. */
const move =
  (by: (page: number) => number): Rule =>
  (ui, model, page) => {
    const step = by(page);
    switch (ui.screen) {
      case "workspace": {
        const runs = listedRuns(model, ui);
        const next = runs[clamp(selectedIndex(runs, ui.selected) + step, runs.length)];
        return stay(next === undefined ? ui : { ...ui, selected: dirOf(next) });
      }
      case "log":
        return stay(ui, { kind: "log", move: { by: step } });
      case "traces":
        return stay(ui, { kind: "traces", record: clamp(model.traces.record + step, model.traces.count) });
      case "trace":
        return stay({ ...ui, trace: { ...ui.trace, scroll: Math.max(0, ui.trace.scroll + step) } });
      case "launch":
        return stay({ ...ui, launch: clamp(ui.launch + step, model.launch?.length ?? 0) });
      case "recipe": {
        const fields = model.launch?.[ui.launch]?.fields ?? [];
        return stay({ ...ui, form: { ...ui.form, at: clamp(ui.form.at + step, fields.length + 1) } });
      }
      case "run":
        return stay({
          ...ui,
          charts: {
            ...ui.charts,
            focus: clamp(ui.charts.focus + Math.sign(step), chartsOf(model.run, ui).length),
          },
        });
      default:
        return stay({ ...ui, scroll: Math.max(0, ui.scroll + step) });
    }
  };

const edge =
  (where: "home" | "end"): Rule =>
  (ui, model, page) => {
    if (ui.screen === "log")
      return stay(ui, { kind: "log", move: { to: where === "home" ? "home" : "follow" } });
    return move(() => (where === "home" ? -1e9 : 1e9))(ui, model, page);
  };

const clamp = (value: number, count: number) => Math.max(0, Math.min(count - 1, value));

const ask =
  (request: ControlName): Rule =>
  (ui, { run }) => {
    if (run === undefined) return stay(ui);
    if (run.foreign !== undefined)
      return tell(ui, `${run.foreign} takes no requests: it is only watched`, true);
    if (run.status !== "running" && run.status !== "paused")
      return tell(ui, `the run is ${run.status}: nobody is there to answer`, true);
    const wanted = request === "pause" && run.status === "paused" ? "resume" : request;
    const effect: Effect = { kind: "control", request: wanted };
    if (wanted !== "stop") return stay(ui, effect);
    const text = `Stop ${run.id} after this step? It saves a checkpoint and can be resumed.`;
    return stay({ ...ui, prompt: { kind: "confirm", text, effect } });
  };

const verdict =
  (choice: "first" | "second" | "tie" | "neither"): Rule =>
  (ui, { traces }) =>
    traces.open?.pair === undefined
      ? tell(ui, "a verdict is given on a pair: open a *.pairs.jsonl file", true)
      : stay(ui, { kind: "verdict", choice });

const criterion =
  (by: 1 | -1): Rule =>
  (ui, { traces }) => {
    const count = traces.open === undefined ? 0 : criteriaOf(traces.open).length;
    if (count === 0) return tell(ui, "these answers are not rated");
    // −1 stands for none
    const next = ((ui.trace.criterion + 1 + by + count + 1) % (count + 1)) - 1;
    return stay({ ...ui, trace: { ...ui.trace, criterion: next } });
  };

const record =
  (by: 1 | -1): Rule =>
  (ui, { traces }) => {
    const next = clamp(traces.record + by, traces.count);
    const trace = { ...ui.trace, scroll: 0, picture: Math.min(ui.trace.picture, 0) };
    return stay({ ...ui, trace }, { kind: "traces", record: next });
  };

const source =
  (by: 1 | -1): Rule =>
  (ui, { traces }) =>
    stay(ui, { kind: "traces", source: clamp(traces.source + by, traces.sources.length), record: 0 });

const charts =
  (change: (charts: Ui["charts"], model: Model) => Partial<Ui["charts"]>): Rule =>
  (ui, model) =>
    stay({ ...ui, charts: { ...ui.charts, ...change(ui.charts, model) } });

const cycleChart =
  (by: 1 | -1): Rule =>
  (ui, model) => {
    const count = Math.max(1, chartsOf(model.run, ui).length);
    return stay({ ...ui, charts: { ...ui.charts, focus: (ui.charts.focus + by + count) % count } });
  };

const zoom = (change: { factor?: number; pan?: number }): Rule =>
  charts((now, model) => ({ zoom: zoomed(now.zoom, model, change) }));

const option =
  (by: 1 | -1): Rule =>
  (ui, { launch }) => {
    const field = launch?.[ui.launch]?.fields?.[ui.form.at];
    if (field === undefined) return stay(ui);
    const value = besideOption(field, fieldValue(field, ui.form.values), by);
    return stay({ ...ui, form: { ...ui.form, values: { ...ui.form.values, [field.name]: value } } });
  };

const input =
  (
    purpose: "filter-runs" | "filter-metrics" | "search" | "learning-rate" | "comment",
    label: string,
    value = "",
  ): Rule =>
  (ui) =>
    stay({ ...ui, prompt: { kind: "input", label, value, purpose } });

const replay =
  (change: "pause" | "faster" | "slower" | "restart"): Rule =>
  (ui) =>
    stay(ui, { kind: "replay", change });

const rules: Readonly<Record<Action, Rule>> = {
  quit: (ui) => stay(ui, { kind: "quit" }),
  suspend: (ui) => stay(ui, { kind: "suspend" }),
  redraw: (ui) => stay(ui, { kind: "redraw" }),
  back: (ui) => {
    if (ui.screen === "run" && ui.charts.maximised)
      return stay({ ...ui, charts: { ...ui.charts, maximised: false } });
    const screen = ui.before.at(-1);
    if (screen === undefined) return tell(ui, "this is the first screen; q closes the viewer");
    return stay({ ...ui, screen, before: ui.before.slice(0, -1), scroll: 0 });
  },
  help: (ui) => stay(ui.screen === "help" ? ui : go(ui, "help")),
  open: (ui, model) => {
    switch (ui.screen) {
      case "workspace": {
        const runs = listedRuns(model, ui);
        const chosen = runs[selectedIndex(runs, ui.selected)];
        if (chosen === undefined) return stay(ui);
        if (!chosen.readable) return tell(ui, chosen.reason, true);
        const fresh = { ...ui, charts: { ...ui.charts, zoom: null, focus: 0, maximised: false } };
        return stay(go(fresh, "run"), { kind: "open-run", dir: chosen.run.dir });
      }
      case "traces":
        return model.traces.open === undefined
          ? stay(ui)
          : stay({
              ...go(ui, "trace"),
              trace: { ...ui.trace, scroll: 0, criterion: -1, picture: Math.min(ui.trace.picture, 0) },
            });
      case "log":
        return stay({ ...ui, logDetail: !ui.logDetail });
      case "launch": {
        const choice = model.launch?.[ui.launch];
        if (choice === undefined) return stay(ui);
        if (choice.problem !== undefined) return tell(ui, choice.problem, true);
        if (choice.fields !== undefined) return stay(go({ ...ui, form: { at: 0, values: {} } }, "recipe"));
        const effect: Effect = { kind: "launch", id: choice.id };
        return stay({ ...ui, prompt: { kind: "confirm", text: `Start: ${choice.command}?`, effect } });
      }
      case "recipe": {
        const choice = model.launch?.[ui.launch];
        if (choice?.fields === undefined) return stay(ui);
        const { at, values } = ui.form;
        if (at < choice.fields.length) return stay({ ...ui, form: { at: at + 1, values } });
        const key = formKey(choice, values);
        return stay(ui, { kind: "prepare", id: choice.id, key, values: formValues(choice, values) });
      }
      default:
        return stay(ui);
    }
  },
  up: move(() => -1),
  down: move(() => 1),
  "page-up": move((page) => -Math.max(1, page - 2)),
  "page-down": move((page) => Math.max(1, page - 2)),
  home: edge("home"),
  end: edge("end"),
  run: runScreen("run"),
  preference: runScreen("preference"),
  system: runScreen("system"),
  log: runScreen("log"),
  traces: runScreen("traces"),
  alarms: (ui) => stay(go(ui, "alarms")),
  "next-screen": beside(1),
  "previous-screen": beside(-1),
  sort: (ui) => {
    const orders = ["begun", "newest", "status"] as const;
    const sort = orders[(orders.indexOf(ui.sort) + 1) % orders.length]!;
    return tell(
      { ...ui, sort },
      `sorted ${{ begun: "as begun", newest: "newest first", status: "by status" }[sort]}`,
    );
  },
  filter: (ui, model, page) =>
    ui.screen === "workspace"
      ? input("filter-runs", "show runs that fit", ui.filter)(ui, model, page)
      : input("filter-metrics", "show metrics that fit", ui.charts.filter)(ui, model, page),
  mark: (ui, model) => {
    const runs = listedRuns(model, ui);
    const at = selectedIndex(runs, ui.selected);
    const chosen = runs[at];
    if (chosen === undefined || !chosen.readable) return stay(ui);
    const { dir } = chosen.run;
    const marked = ui.marked.includes(dir) ? ui.marked.filter((each) => each !== dir) : [...ui.marked, dir];
    if (marked.length > 4) return tell(ui, "four runs can be compared at most", true);
    const next = runs[clamp(at + 1, runs.length)];
    return stay({ ...ui, marked, selected: next === undefined ? dir : dirOf(next) });
  },
  compare: (ui) =>
    ui.marked.length < 2
      ? tell(ui, "mark two to four runs with the space bar first", true)
      : stay(go({ ...ui, compared: 0 }, "compare"), { kind: "compare", dirs: ui.marked }),
  launch: (ui) => stay(go(ui, "launch"), { kind: "load-launch" }),
  "next-option": option(1),
  "previous-option": option(-1),
  "type-value": (ui, { launch }) => {
    const field = launch?.[ui.launch]?.fields?.[ui.form.at];
    if (field?.typed === undefined) return tell(ui, "this one is chosen with the arrows", true);
    const { label, check } = field.typed;
    const value = fieldValue(field, ui.form.values);
    return stay({
      ...ui,
      prompt: { kind: "input", purpose: "recipe-value", label, value, field: { name: field.name, check } },
    });
  },
  editor: (ui) => stay(ui, { kind: "editor" }),
  "next-chart": cycleChart(1),
  "previous-chart": cycleChart(-1),
  maximise: charts((now) => ({ maximised: !now.maximised })),
  "log-axis": charts((now) => ({ log: !now.log })),
  smooth: charts((now) => ({ smooth: (now.smooth + 1) % smoothings.length })),
  "zoom-in": zoom({ factor: 0.5 }),
  "zoom-out": zoom({ factor: 2 }),
  "pan-left": zoom({ pan: -0.25 }),
  "pan-right": zoom({ pan: 0.25 }),
  "reset-view": charts(() => ({ zoom: null, log: false, smooth: 0 })),
  evaluations: charts((now) => ({ evaluations: !now.evaluations })),
  follow: (ui, { log }) => stay(ui, { kind: "log", move: log.follow ? { by: 0 } : { to: "follow" } }),
  "hide-steps": (ui) =>
    stay({ ...ui, hideSteps: !ui.hideSteps }, { kind: "log", move: { hideSteps: !ui.hideSteps } }),
  search: (ui, model, page) => input("search", "search backwards for", ui.lastSearch)(ui, model, page),
  "search-next": (ui) =>
    ui.lastSearch === ""
      ? tell(ui, "search with / first")
      : stay(ui, { kind: "log", move: { search: ui.lastSearch, direction: "back" } }),
  "search-previous": (ui) =>
    ui.lastSearch === ""
      ? tell(ui, "search with / first")
      : stay(ui, { kind: "log", move: { search: ui.lastSearch, direction: "forward" } }),
  "next-source": source(1),
  "previous-source": source(-1),
  "next-record": record(1),
  "previous-record": record(-1),
  "next-criterion": criterion(1),
  "previous-criterion": criterion(-1),
  picture: (ui, { traces }) => {
    const count = traces.open?.question?.images.length ?? 0;
    const next = ui.trace.picture + 1;
    return stay({
      ...ui,
      trace: { ...ui.trace, picture: next < count ? next : ui.trace.picture < 0 ? 0 : -1 },
    });
  },
  blind: (ui) => stay({ ...ui, trace: { ...ui.trace, blind: !ui.trace.blind, criterion: -1 } }),
  "verdict-first": verdict("first"),
  "verdict-second": verdict("second"),
  "verdict-tie": verdict("tie"),
  "verdict-neither": verdict("neither"),
  comment: input("comment", "comment for the next verdict"),
  "next-metric": (ui) => stay({ ...ui, compared: ui.compared + 1 }),
  pause: ask("pause"),
  checkpoint: ask("checkpoint"),
  stop: ask("stop"),
  "learning-rate": (ui, model, page) => {
    const { run } = model;
    const open = run?.status === "running" || run?.status === "paused";
    if (!open || run.foreign !== undefined) return ask("learning-rate")(ui, model, page);
    return input("learning-rate", "new learning rate", String(run.state.latest?.learningRate ?? ""))(
      ui,
      model,
      page,
    );
  },
  "replay-pause": replay("pause"),
  "replay-faster": replay("faster"),
  "replay-slower": replay("slower"),
  "replay-restart": replay("restart"),
};
