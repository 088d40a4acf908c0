export { emitRun } from "./emit/emit-run.ts";
export { emitLlamaFactory, llamaFactoryVersion } from "./emit/llama-factory.ts";
export { emitSwift, swiftVersion } from "./emit/ms-swift.ts";
export { emitTrl, trlVersion } from "./emit/trl.ts";
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
export { engineLimits } from "./preflight/engine-limits.ts";
