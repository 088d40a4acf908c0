import type { ControlName, Verdict } from "@mede2/schemas";

/** The screens, in the order of their number keys where they have one. */
export const runScreens = ["run", "preference", "system", "log", "traces"] as const;
export type RunScreen = (typeof runScreens)[number];
export type ScreenName =
  | "workspace"
  | RunScreen
  | "alarms"
  | "trace"
  | "compare"
  | "launch"
  | "recipe"
  | "help";

export type LogMove =
  | { to: "follow" | "home" }
  | { by: number }
  | { search: string; direction: "back" | "forward" }
  | { hideSteps: boolean };

/** What the world outside has to do for a key. */
export type Effect =
  | { kind: "quit" }
  | { kind: "suspend" }
  | { kind: "redraw" }
  | { kind: "open-run"; dir: string }
  | { kind: "control"; request: ControlName; learningRate?: number }
  | { kind: "log"; move: LogMove }
  | { kind: "traces"; source?: number; record?: number }
  | { kind: "verdict"; choice: Verdict["choice"]; comment?: string }
  | { kind: "compare"; dirs: readonly string[] }
  | { kind: "load-launch" }
  | { kind: "prepare"; id: string; key: string; values: Readonly<Record<string, string>> }
  | { kind: "launch"; id: string }
  | { kind: "editor" }
  | { kind: "replay"; change: "pause" | "faster" | "slower" | "restart" };

export type InputPurpose =
  | "filter-runs"
  | "filter-metrics"
  | "search"
  | "learning-rate"
  | "comment"
  | "recipe-value";
export type Prompt =
  | { kind: "confirm"; text: string; effect: Effect }
  | {
      kind: "input";
      label: string;
      value: string;
      purpose: InputPurpose;
      /** Of a field of a recipe: its name, and why a text is not taken. */
      field?: { name: string; check(text: string): string | undefined };
    };

export interface ChartUi {
  focus: number;
  maximised: boolean;
  log: boolean;
  /** Index into `smoothings`. */
  smooth: number;
  /** Null: all steps. */
  zoom: { from: number; to: number } | null;
  evaluations: boolean;
  filter: string;
}

export const smoothings = [0, 0.6, 0.9, 0.97] as const;

export interface TraceUi {
  scroll: number;
  /** Index of the criterion whose spans are shown; −1: none. */
  criterion: number;
  /** Hides which side was chosen, and shuffles the sides. */
  blind: boolean;
  /** Which picture of the question is shown; −1: none. */
  picture: number;
}

/** Everything that keys change. A value: `act` returns a new one. */
export interface Ui {
  screen: ScreenName;
  /** Screens to go back to. */
  before: readonly ScreenName[];
  /** Folder of the selected run. */
  selected: string | undefined;
  sort: "begun" | "newest" | "status";
  filter: string;
  marked: readonly string[];
  charts: ChartUi;
  /** Which metric is compared. */
  compared: number;
  logDetail: boolean;
  hideSteps: boolean;
  lastSearch: string;
  /** Goes with the next verdict. */
  comment: string;
  trace: TraceUi;
  launch: number;
  /** Of a recipe: the row, one more than there are fields for the last; and what was chosen or typed. */
  form: { at: number; values: Readonly<Record<string, string>> };
  scroll: number;
  prompt: Prompt | null;
  notice: { text: string; bad: boolean } | null;
}

export const initialUi = (screen: ScreenName): Ui => ({
  ...{ screen, before: [], selected: undefined, sort: "begun", filter: "", marked: [], compared: 0 },
  charts: { focus: 0, maximised: false, log: false, smooth: 0, zoom: null, evaluations: true, filter: "" },
  ...{
    logDetail: false,
    hideSteps: true,
    lastSearch: "",
    comment: "",
    launch: 0,
    form: { at: 0, values: {} },
    scroll: 0,
    prompt: null,
    notice: null,
  },
  trace: { scroll: 0, criterion: -1, blind: false, picture: 0 },
});
