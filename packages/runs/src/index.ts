export { writeFileAtomic } from "@mede2/schemas";
export type { Alarm } from "./alarm.ts";
export { type AlarmRule, alarmRules } from "./alarms.ts";
export { appendTrace } from "./append-trace.ts";
export { type ChangeBell, openChangeBell } from "./change-bell.ts";
export {
  type ControlFolder,
  type ControlPoll,
  pollControl,
  readControls,
  requestControl,
  type Wish,
} from "./control.ts";
export { type CreatedRun, createRun, type RunSettings } from "./create-run.ts";
export { bytesBelow, freeBytes } from "./disk.ts";
export { eventBatches } from "./event-batches.ts";
export { exportCsv } from "./export-csv.ts";
export { exportParquet } from "./export-parquet.ts";
export { exportTensorBoard } from "./export-tensorboard.ts";
export { type FoldableEvent, foldEvents } from "./fold.ts";
export { type FollowSettings, followEvents } from "./follow.ts";
export { parseLenientJson } from "./foreign-numbers.ts";
export { type ForeignLog, findForeignLog, foreignReader } from "./foreign-run.ts";
export { type HeartbeatSettings, type Pulse, readHeartbeat, startHeartbeat } from "./heartbeat.ts";
export { type Host, thisHost } from "./host.ts";
export { type ListedRun, listRuns } from "./list-runs.ts";
export { liveAlarms, type Surroundings } from "./live-alarms.ts";
export { type LogLine, type LogPage, type PageRequest, readLogPage } from "./log-page.ts";
export { defaultImageStore, runFolder, runPlaces, runsFolder, workspaceOf } from "./places.ts";
export { type BadLine, type EventBatch, type EventReader, eventReader } from "./read-events.ts";
export { judge, type RunView, readRun } from "./read-run.ts";
export { RunError, type RunErrorCode } from "./run-error.ts";
export { newRunId } from "./run-id.ts";
export { addToSeries, emptyRunSeries, type Metric, metrics, type RunSeries } from "./run-series.ts";
export {
  type Curve,
  type CurvePoint,
  initialState,
  kept,
  type Marks,
  type Phase,
  type RecentStep,
  type RunState,
} from "./run-state.ts";
export type { TableRows } from "./run-table.ts";
export { openRunWriter, type RunWriter, type WriterSettings } from "./run-writer.ts";
export { type LogSearch, searchLog } from "./search-log.ts";
export {
  headline,
  type Pace,
  type PreferenceView,
  pace,
  plannedSteps,
  preferenceView,
  secondsLeft,
  shareDone,
} from "./selectors.ts";
export {
  addPoint,
  type Bucket,
  cutSeries,
  emptySeries,
  lastValue,
  type Series,
  seriesRange,
  seriesWindow,
} from "./series.ts";
export {
  heartbeatAge,
  heartbeatIsLive,
  heartbeatIsStale,
  isProcessHere,
  runStatus,
  type Witness,
} from "./status.ts";
export {
  type DataFile,
  type FolderSurvey,
  isInside,
  surveyFolder,
  workspaceOfFile,
} from "./survey-folder.ts";
export { type RunTracker, type TrackedRun, type TrackSettings, trackRun } from "./track-run.ts";
export { trackWorkspace, type WorkspaceRun, type WorkspaceTracker } from "./track-workspace.ts";
export {
  readWorkspaceSettings,
  startWorkspace,
  type WorkspaceSettings,
  workspaceBytes,
  writeWorkspaceSettings,
} from "./workspace.ts";
export { recoverDirs, writeDirAtomic } from "./write-dir-atomic.ts";
