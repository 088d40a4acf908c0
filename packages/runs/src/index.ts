export { writeFileAtomic } from "@mede2/schemas";
export type { Alarm } from "./alarm.ts";
export { type AlarmRule, alarmRules, recentStep, stalledAlarm } from "./alarms.ts";
export { appendTrace } from "./append-trace.ts";
export {
  type ControlFolder,
  type ControlPoll,
  pollControl,
  readControls,
  requestControl,
  type Wish,
} from "./control.ts";
export { type CreatedRun, createRun, type RunSettings } from "./create-run.ts";
export { type FoldableEvent, foldEvents } from "./fold.ts";
export { type FollowSettings, followEvents } from "./follow.ts";
export { type HeartbeatSettings, type Pulse, readHeartbeat, startHeartbeat } from "./heartbeat.ts";
export { type Host, thisHost } from "./host.ts";
export { type ListedRun, listRuns } from "./list-runs.ts";
export { defaultImageStore, runFolder, runPlaces, runsFolder, workspaceOf } from "./places.ts";
export { type BadLine, type EventBatch, type EventReader, eventReader } from "./read-events.ts";
export { judge, type RunView, readRun } from "./read-run.ts";
export { RunError, type RunErrorCode } from "./run-error.ts";
export { newRunId } from "./run-id.ts";
export {
  type Curve,
  type CurvePoint,
  initialState,
  kept,
  type Phase,
  type RecentStep,
  type RunState,
} from "./run-state.ts";
export { openRunWriter, type RunWriter, type WriterSettings } from "./run-writer.ts";
export { heartbeatAge, heartbeatIsLive, heartbeatIsStale, runStatus, type Witness } from "./status.ts";
export { recoverDirs, writeDirAtomic } from "./write-dir-atomic.ts";
