export { type ModelSide, openModelSide } from "./data/row-encoding.ts";
export { emitRun } from "./emit/emit-run.ts";
export { emitLlamaFactory, llamaFactoryVersion } from "./emit/llama-factory.ts";
export { emitSwift, swiftVersion } from "./emit/ms-swift.ts";
export { emitTrl, trlVersion } from "./emit/trl.ts";
export type { EmittedFile, EmittedRun, Engine, EngineContext, EngineLog, EngineRun } from "./engine.ts";
export { EngineError } from "./engine-error.ts";
export { engineNames, engineOf } from "./engines.ts";
export { memoryEstimate } from "./estimate/memory.ts";
export { type DataFacts, type RunEstimate, runEstimate } from "./estimate/run-estimate.ts";
export { type GpuName, gpus, isGpu, trainingSeconds } from "./estimate/time.ts";
export type { Finding, Preflight } from "./finding.ts";
export { type SuperviseSettings, superviseRun } from "./follow/supervise.ts";
export type {
  JobHandle,
  JobState,
  JobStatus,
  Launcher,
  LauncherName,
  LaunchTarget,
  LogPart,
} from "./launch/launcher.ts";
export { launcherNames, launcherOf } from "./launch/launchers.ts";
export { type LocalAround, localLauncher } from "./launch/local.ts";
export { type RayAround, rayLauncher } from "./launch/ray.ts";
export { type SlurmAround, slurmLauncher } from "./launch/slurm.ts";
export { type SshAround, sshLauncher, targetDirOf } from "./launch/ssh.ts";
export { checkTarget } from "./launch/target-settings.ts";
export type { Breach } from "./live/breach.ts";
export { type Diagnosis, diagnose } from "./live/diagnose.ts";
export type { Expectations } from "./live/expectations.ts";
export { judgeFolder, judgeOutput, type Verdict } from "./live/judge-folder.ts";
export { type RunChecks, runChecks } from "./live/run-checks.ts";
export { checkLaunch } from "./outside-engine.ts";
export { engineLimits } from "./preflight/engine-limits.ts";
export { preflight } from "./preflight/preflight.ts";
export { preflightReport } from "./preflight/report.ts";
export { engineSettings, processesOf, splitBatch } from "./settings.ts";
