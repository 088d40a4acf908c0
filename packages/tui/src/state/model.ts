import type { LogLine, TrackedRun, WorkspaceRun } from "@mede2/runs";
import type { CompareData } from "../data/compare-data.ts";
import type { LaunchChoice } from "../data/launch.ts";
import type { SystemSample } from "../data/system.ts";
import type { OpenRecord, TraceSource } from "../data/trace-sources.ts";
import type { Preparing } from "./recipe-form.ts";

/** What is shown of the event log: as many lines as the screen has room for. */
export interface LogModel {
  lines: readonly LogLine[];
  /** Offset of the selected line; undefined while it follows. */
  selected: number | undefined;
  follow: boolean;
  /** Where the shown part ends, as a share of the file. */
  place: number;
  searching: boolean;
  /** Whether it was read at all. */
  read: boolean;
}

export interface TracesModel {
  sources: readonly TraceSource[];
  source: number;
  /** Records of the source, as far as counted. */
  count: number;
  record: number;
  open: OpenRecord | undefined;
  /** Why nothing can be shown. */
  problem: string | undefined;
}

export interface ReplayModel {
  speed: number;
  paused: boolean;
  /** 0 to 1. */
  place: number;
}

/** Everything that is shown and comes from files. A value: the session puts a new one in its place. */
export interface Model {
  now: number;
  /** Folder of the workspace. */
  workspace: string;
  /** Undefined until read. */
  runs: readonly WorkspaceRun[] | undefined;
  run: TrackedRun | undefined;
  problem: string | undefined;
  log: LogModel;
  traces: TracesModel;
  system: SystemSample | undefined;
  compare: CompareData | undefined;
  launch: readonly LaunchChoice[] | undefined;
  /** The plan that was last made of a recipe. */
  preparing: Preparing | undefined;
  replay: ReplayModel | undefined;
}

export const emptyLog: LogModel = {
  lines: [],
  selected: undefined,
  follow: true,
  place: 1,
  searching: false,
  read: false,
};
export const emptyTraces: TracesModel = {
  ...{ sources: [], source: 0, count: 0, record: 0, open: undefined, problem: undefined },
};

export const initialModel = (workspace: string, now: number): Model => ({
  ...{
    now,
    workspace,
    runs: undefined,
    run: undefined,
    problem: undefined,
    log: emptyLog,
    traces: emptyTraces,
  },
  ...{ system: undefined, compare: undefined, launch: undefined, preparing: undefined, replay: undefined },
});
