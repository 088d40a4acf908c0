export { bcoPlan, directSftPlan, ktoPlan, rejectionSamplingPlan } from "./baselines/baseline-plans.ts";
export { benchChart } from "./bench/bench-chart.ts";
export { BenchFault } from "./bench/bench-fault.ts";
export { benchMarkdown, replaceBenchPart } from "./bench/bench-markdown.ts";
export {
  type BenchModel,
  type BenchPeer,
  type BenchReport,
  type BenchRow,
  type BenchTerms,
  type BenchWork,
  benchModels,
  benchTerms,
  benchWorks,
  type MissingRow,
} from "./bench/bench-report.ts";
export { defaultPeerFolder, defaultSwiftFolder } from "./bench/find-peer.ts";
export { type BenchSettings, runBench } from "./bench/run-bench.ts";
export { type DemoAmounts, demoAmounts } from "./demo/amounts.ts";
export { buildSet, demoConditions } from "./demo/build-report.ts";
export { type DemoData, writeDemoData } from "./demo/demo-data.ts";
export { chosenPlan, type StagePlanSettings, stage1Plan, stage2Plan } from "./demo/demo-plans.ts";
export {
  type EvaluatedModel,
  type EvaluateModelSettings,
  evaluateModel,
  evaluationFolder,
} from "./demo/evaluate-model.ts";
export {
  type BuiltPairsFile,
  readCandidates,
  scoreWardCandidates,
  writeOwnDemonstrations,
  writePairs,
} from "./demo/pairs-step.ts";
export type {
  DemoComparison,
  DemoCondition,
  DemoReport,
  DemoSet,
  DemoStage,
  ProcessShares,
  ScoredShare,
  Share,
} from "./demo/report.ts";
export { type DemoProgress, type DemoSettings, runDemo } from "./demo/run-demo.ts";
export { wardCheck, wardLinks } from "./demo/ward-links.ts";
export type { Arm } from "./experiments/arm.ts";
export { controlArms } from "./experiments/arms.ts";
export { experimentMarkdown } from "./experiments/experiment-report.ts";
export type { ArmContext, ExperimentSettings } from "./experiments/experiment-settings.ts";
export { runUnit, type UnitResult } from "./experiments/run-unit.ts";
export { allArms, rubricWithout, studyArms } from "./experiments/study-arms.ts";
export { type EvaluatedFilms, evaluateFilmModel } from "./films/evaluate-film-model.ts";
export { filmCheck, filmLinks } from "./films/film-links.ts";
export { type FilmsData, type FilmsDataSettings, writeFilmsData } from "./films/films-data.ts";
export { filmsMarkdown } from "./films/films-markdown.ts";
export {
  type FilmsCalibration,
  type FilmsComparison,
  type FilmsCondition,
  type FilmsControl,
  type FilmsReport,
  type FilmsRow,
  type FilmsShare,
  type FilmsStage,
  type FilmsStyle,
  filmsControls,
} from "./films/films-report.ts";
export { type FilmsAmounts, filmsAmounts } from "./films/films-settings.ts";
export { type FilmsProgress, type FilmsSettings, runFilms } from "./films/run-films.ts";
export {
  type DataShape,
  estimateOnGpus,
  type GpuEstimate,
  type GpuMachine,
  gpuMachines,
} from "./paper-estimate.ts";
export {
  type PaperModel,
  type PaperModelName,
  paperModel,
  paperModelNames,
} from "./paper-models.ts";
export {
  m1Plan,
  medE2Stage1Plan,
  medE2Stage2Plan,
  medVlThinkerPlan,
  type PaperPlanSettings,
} from "./paper-plans.ts";
export { adamW, type EmbeddedPlanSettings, embeddedPlan, greedy } from "./plan-parts.ts";
export { type FinishedRun, type RunPlanSettings, runPlan } from "./run-plan.ts";
export { runTask, type TaskSettings } from "./run-task.ts";
export { type SampleSettings, sampleCandidates } from "./sample-candidates.ts";
export type { StageAmounts } from "./stage-training.ts";
export { initialParameters } from "./tiny/initial-parameters.ts";
export { type PretrainSettings, pretrainTiny } from "./tiny/pretrain-tiny.ts";
export { tinyFolder } from "./tiny/tiny-folder.ts";
export { tinyChatTemplate, tinyConfig, tinyPreprocessor, tinySide } from "./tiny/tiny-model.ts";
export { type TinyTokenizer, tinyTokenizer } from "./tiny/tiny-tokenizer.ts";
export { storeWardImage } from "./tiny/ward-images.ts";
export {
  runVqaRad,
  type VqaRadReport,
  type VqaRadSettings,
  type VqaRadStage,
  vqaRadStages,
} from "./vqa-rad/run-vqa-rad.ts";
export type { PairsFile, VqaRadData } from "./vqa-rad/vqa-rad-data.ts";
export { type VqaRadAmounts, vqaRadAmounts } from "./vqa-rad/vqa-rad-settings.ts";
