export type { EmittedFile, EmittedRun, Engine, EngineContext, EngineLog, EngineRun } from "./engine.ts";
export { EngineError } from "./engine-error.ts";
export type { Finding } from "./finding.ts";
export type {
  JobHandle,
  JobState,
  JobStatus,
  Launcher,
  LauncherName,
  LaunchTarget,
  LogPart,
} from "./launch/launcher.ts";
