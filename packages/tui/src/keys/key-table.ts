import { type RunScreen, runScreens, type ScreenName } from "../state/ui.ts";

/** What a key means. Each has its rule in `act`. */
export type Action =
  | "quit"
  | "suspend"
  | "redraw"
  | "back"
  | "help"
  | "open"
  | "up"
  | "down"
  | "page-up"
  | "page-down"
  | "home"
  | "end"
  | RunScreen
  | "alarms"
  | "next-screen"
  | "previous-screen"
  | "sort"
  | "filter"
  | "mark"
  | "compare"
  | "launch"
  | "next-option"
  | "previous-option"
  | "type-value"
  | "editor"
  | "next-chart"
  | "previous-chart"
  | "maximise"
  | "log-axis"
  | "smooth"
  | "zoom-in"
  | "zoom-out"
  | "pan-left"
  | "pan-right"
  | "reset-view"
  | "evaluations"
  | "follow"
  | "hide-steps"
  | "search"
  | "search-next"
  | "search-previous"
  | "next-source"
  | "previous-source"
  | "next-record"
  | "previous-record"
  | "next-criterion"
  | "previous-criterion"
  | "picture"
  | "blind"
  | "verdict-first"
  | "verdict-second"
  | "verdict-tie"
  | "verdict-neither"
  | "comment"
  | "next-metric"
  | "pause"
  | "checkpoint"
  | "stop"
  | "learning-rate"
  | "replay-pause"
  | "replay-faster"
  | "replay-slower"
  | "replay-restart";

export interface KeyRow {
  keys: readonly string[];
  action: Action;
  /** Where it holds. */
  on: readonly ScreenName[] | "everywhere";
  help: string;
  /** Shown in the last line of these screens, as far as there is room; the screens of a run stand in the title line. */
  hint?: string;
  /** Only while a run is replayed, or only while it is not. */
  when?: "replay" | "live";
}

const withRun: readonly ScreenName[] = [...runScreens, "alarms", "trace"];
const steered: readonly ScreenName[] = [...runScreens, "alarms"];
const lists: readonly ScreenName[] = ["workspace", "launch", "traces"];
const charts: readonly ScreenName[] = ["run", "preference", "compare"];
const reader: readonly ScreenName[] = ["trace"];

/** The one table of keys: what they do, the help screen and the page in the documentation are made from it. The first row that fits counts. */
export const keyTable: readonly KeyRow[] = [
  {
    keys: ["q", "ctrl+c"],
    action: "quit",
    on: "everywhere",
    help: "close the viewer; a run goes on",
    hint: "quit",
  },
  {
    keys: ["ctrl+z"],
    action: "suspend",
    on: "everywhere",
    help: "give the terminal to the shell; fg brings the viewer back",
  },
  { keys: ["ctrl+l"], action: "redraw", on: "everywhere", help: "draw the screen anew" },
  { keys: ["escape", "backspace"], action: "back", on: "everywhere", help: "go back", hint: "back" },
  { keys: ["?", "h"], action: "help", on: "everywhere", help: "the keys of this screen", hint: "keys" },
  {
    keys: ["enter"],
    action: "open",
    on: [...lists, "recipe", "log"],
    help: "open what is selected; of the log, the whole event; of a recipe the next row, and at its end the check",
    hint: "open",
  },
  { keys: ["up", "k"], action: "up", on: "everywhere", help: "up" },
  { keys: ["down", "j"], action: "down", on: "everywhere", help: "down" },
  { keys: ["pageup", "ctrl+b"], action: "page-up", on: "everywhere", help: "a page up" },
  { keys: ["pagedown", "ctrl+f"], action: "page-down", on: "everywhere", help: "a page down" },
  { keys: ["home", "g"], action: "home", on: "everywhere", help: "to the beginning" },
  { keys: ["end", "G"], action: "end", on: "everywhere", help: "to the end; the log follows again" },

  {
    keys: ["1"],
    action: "verdict-first",
    on: reader,
    help: "verdict: the first answer is better",
    hint: "first",
  },
  {
    keys: ["2"],
    action: "verdict-second",
    on: reader,
    help: "verdict: the second answer is better",
    hint: "second",
  },
  { keys: ["="], action: "verdict-tie", on: reader, help: "verdict: both are as good", hint: "tie" },
  {
    keys: ["x"],
    action: "verdict-neither",
    on: reader,
    help: "verdict: neither is acceptable",
    hint: "neither",
  },
  { keys: ["/"], action: "comment", on: reader, help: "a comment for the next verdict", hint: "comment" },
  { keys: ["n", "right"], action: "next-record", on: reader, help: "the next record", hint: "next" },
  { keys: ["p", "left"], action: "previous-record", on: reader, help: "the record before" },
  {
    keys: ["tab", "c"],
    action: "next-criterion",
    on: reader,
    help: "the next criterion, and the passages it points to",
    hint: "criterion",
  },
  { keys: ["shift+tab", "C"], action: "previous-criterion", on: reader, help: "the criterion before" },
  {
    keys: ["b"],
    action: "blind",
    on: reader,
    help: "hide which answer was chosen, and shuffle the sides",
    hint: "blind",
  },
  { keys: ["i"], action: "picture", on: reader, help: "the next picture, or none" },

  { keys: ["1"], action: "run", on: runScreens, help: "curves and state of the run" },
  {
    keys: ["2"],
    action: "preference",
    on: runScreens,
    help: "what preference optimisation does",
  },
  { keys: ["3"], action: "system", on: runScreens, help: "processor, memory, disk, GPUs" },
  { keys: ["4"], action: "log", on: runScreens, help: "the event log" },
  {
    keys: ["5"],
    action: "traces",
    on: runScreens,
    help: "reasoning traces, candidates and pairs",
  },
  {
    keys: ["a"],
    action: "alarms",
    on: runScreens,
    help: "all alarms with their causes and next steps, warnings and requests",
    hint: "alarms",
  },
  { keys: ["]"], action: "next-source", on: ["traces"], help: "the next file" },
  { keys: ["["], action: "previous-source", on: ["traces"], help: "the file before" },
  { keys: ["]"], action: "next-screen", on: runScreens, help: "the next screen of the run" },
  { keys: ["["], action: "previous-screen", on: runScreens, help: "the screen before" },

  {
    keys: ["space"],
    action: "mark",
    on: ["workspace"],
    help: "mark for comparison, two to four runs",
    hint: "mark",
  },
  { keys: ["c"], action: "compare", on: ["workspace"], help: "compare the marked runs", hint: "compare" },
  {
    keys: ["n"],
    action: "launch",
    on: ["workspace"],
    help: "start a run from a plan or a recipe, or resume one",
    hint: "new",
  },
  {
    keys: ["right", "space"],
    action: "next-option",
    on: ["recipe"],
    help: "the next choice of this row",
    hint: "choose",
  },
  { keys: ["left"], action: "previous-option", on: ["recipe"], help: "the choice before" },
  {
    keys: ["e"],
    action: "type-value",
    on: ["recipe"],
    help: "type a value, such as a number of steps",
    hint: "type",
  },
  {
    keys: ["s"],
    action: "sort",
    on: ["workspace"],
    help: "sort: as begun, newest first, by status",
    hint: "sort",
  },
  {
    keys: ["/"],
    action: "filter",
    on: ["workspace", "run"],
    help: "show only runs, or metrics, that a regular expression fits",
    hint: "filter",
  },

  { keys: ["tab"], action: "next-chart", on: ["run"], help: "the next chart" },
  { keys: ["shift+tab"], action: "previous-chart", on: ["run"], help: "the chart before" },
  {
    keys: ["enter"],
    action: "maximise",
    on: ["run"],
    help: "one chart alone, and all again",
    hint: "one chart",
  },
  { keys: ["y"], action: "log-axis", on: charts, help: "logarithmic vertical axis", hint: "log axis" },
  { keys: ["m"], action: "next-metric", on: ["compare"], help: "the next metric", hint: "metric" },
  {
    keys: ["w"],
    action: "smooth",
    on: charts,
    help: "smooth: off, 0.6, 0.9, 0.97 (moving average)",
    hint: "smooth",
  },
  { keys: ["+"], action: "zoom-in", on: charts, help: "half as many steps", hint: "zoom" },
  { keys: ["-"], action: "zoom-out", on: charts, help: "twice as many steps" },
  { keys: ["left"], action: "pan-left", on: charts, help: "earlier steps" },
  { keys: ["right"], action: "pan-right", on: charts, help: "later steps" },
  { keys: ["0"], action: "reset-view", on: charts, help: "all steps, no smoothing, linear axis" },
  { keys: ["e"], action: "evaluations", on: ["run"], help: "results of evaluations over the curves" },

  {
    keys: ["space"],
    action: "replay-pause",
    on: withRun,
    when: "replay",
    help: "replay: stop and go on",
    hint: "pause",
  },
  {
    keys: [">"],
    action: "replay-faster",
    on: withRun,
    when: "replay",
    help: "replay: twice as fast",
    hint: "faster",
  },
  { keys: ["<"], action: "replay-slower", on: withRun, when: "replay", help: "replay: half as fast" },
  { keys: ["r"], action: "replay-restart", on: withRun, when: "replay", help: "replay: from the beginning" },
  {
    keys: ["space", "f"],
    action: "follow",
    on: ["log"],
    help: "follow the newest events, or stand still",
    hint: "follow",
  },
  {
    keys: ["t"],
    action: "hide-steps",
    on: ["log"],
    help: "leave out steps and progress, or show them",
    hint: "steps",
  },
  { keys: ["/"], action: "search", on: ["log"], help: "search backwards from here", hint: "search" },
  { keys: ["n"], action: "search-next", on: ["log"], help: "the next hit, further back" },
  { keys: ["N"], action: "search-previous", on: ["log"], help: "the hit before, further on" },

  {
    keys: ["p"],
    action: "pause",
    on: steered,
    when: "live",
    help: "ask the run to pause, or to go on",
    hint: "pause",
  },
  {
    keys: ["s"],
    action: "checkpoint",
    on: steered,
    when: "live",
    help: "ask the run to save a checkpoint now",
    hint: "save",
  },
  {
    keys: ["S"],
    action: "stop",
    on: steered,
    when: "live",
    help: "ask the run to stop after this step (asks first)",
    hint: "stop",
  },
  {
    keys: ["l"],
    action: "learning-rate",
    on: steered,
    when: "live",
    help: "ask the run for another learning rate (asks which)",
    hint: "rate",
  },
  {
    keys: ["o"],
    action: "editor",
    on: ["workspace", ...withRun],
    help: "open the run, or the record, in VS Code",
  },
];

/** What a key does on a screen; undefined: nothing. */
export function actionOf(key: string, screen: ScreenName, replay: boolean): Action | undefined {
  return keyTable.find((row) => row.keys.includes(key) && holds(row, screen, replay))?.action;
}

/** The rows that hold on a screen, in order, without those that an earlier row hides. */
export function keysOf(screen: ScreenName, replay: boolean): KeyRow[] {
  const taken = new Set<string>();
  return keyTable.filter((row) => {
    if (!holds(row, screen, replay) || row.keys.every((key) => taken.has(key))) return false;
    for (const key of row.keys) taken.add(key);
    return true;
  });
}

function holds({ on, when }: KeyRow, screen: ScreenName, replay: boolean): boolean {
  if (when !== undefined && (when === "replay") !== replay) return false;
  return on === "everywhere" || on.includes(screen);
}
