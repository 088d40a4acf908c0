export { type AnswerFile, openAnswerFile } from "./answering/answer-file.ts";
export type { AnswerPlace } from "./answering/answer-index.ts";
export type { AnswerProgress } from "./answering/answer-questions.ts";
export { imageConditions, type SwapSettings } from "./answering/image-conditions.ts";
export {
  type GateCheck,
  type GateResult,
  type GateSettings,
  type GateStatus,
  imageUseGate,
  regressionGate,
} from "./auditing/gates.ts";
export {
  type AuditSettings,
  type AuditShare,
  blindSolvable,
  type ImageAudit,
  imageAudit,
  sensitivityDifference,
} from "./auditing/image-audit.ts";
export { subsetAccuracy } from "./auditing/subset-accuracy.ts";
export {
  type OptionCalibration,
  type OptionCalibrationSettings,
  optionCalibration,
} from "./calibration/option-calibration.ts";
export { type VoteCalibration, voteCalibration } from "./calibration/vote-calibration.ts";
export {
  type BootstrapSettings,
  type Comparison,
  compare,
  type Difference,
  differenceOf,
  reliance,
  relianceDifference,
  withHolm,
} from "./comparing/compare.ts";
export {
  type EvaluationScores,
  type QuestionScore,
  type QuestionScores,
  readScores,
  type Scored,
} from "./comparing/evaluation-scores.ts";
export {
  accuracyUnits,
  type PairedUnit,
  type PairedUnits,
  type PairingSettings,
  type RelianceSettings,
  relianceDifferenceUnits,
  relianceUnits,
} from "./comparing/paired-units.ts";
export {
  type ComparedRun,
  type NamedUnits,
  type PooledDifference,
  type PoolSettings,
  poolComparisons,
  poolUnits,
} from "./comparing/pool-comparisons.ts";
export {
  type QualityCheck,
  type QualityMeasure,
  type QualityRow,
  qualityMeasures,
  qualityUnits,
  type Share,
  type TraceQuality,
  traceQuality,
} from "./comparing/trace-quality.ts";
export {
  type EvaluateSettings,
  type EvaluationResult,
  evaluate,
  evaluationFiles,
} from "./evaluate.ts";
export { EvaluationError, type EvaluationErrorCode } from "./evaluation-error.ts";
export { gradeAnswers } from "./grading/grade-answers.ts";
export { type GradedRecord, type GradeSettings, gradeTrace } from "./grading/grade-trace.ts";
export { type ClusterSetting, clusterOf, scoreOf } from "./grading/score-of.ts";
export {
  type AccuracyPart,
  type Summary,
  type SummarySettings,
  summarise,
  summaryBuilder,
} from "./grading/summarise.ts";
export {
  type JudgedScore,
  type JudgedSummary,
  type JudgeItem,
  type JudgeRecord,
  type JudgeSettings,
  judgeAnswers,
} from "./judging/judge-answers.ts";
export { type JudgeVerdict, judgePrompt, judgePromptVersion, readVerdict } from "./judging/judge-prompt.ts";
export { type Conversation, conversationOf } from "./protocols/conversation.ts";
export { type ProtocolName, protocolNames, protocols } from "./protocols/presets.ts";
export { type PromptTurns, type Protocol, type Provenance, styleProtocol } from "./protocols/protocol.ts";
export {
  type QualityPart,
  type QualitySettings,
  type ReasoningQuality,
  reasoningQuality,
} from "./quality/reasoning-quality.ts";
export { buildReport, type ReportSettings } from "./report/build-report.ts";
export type { Calibration } from "./report/calibration-of.ts";
export {
  type EvaluationFolder,
  evaluationFolders,
  evaluationRecords,
} from "./report/evaluation-folder.ts";
export { type ExportedInspect, type ExportInspectSettings, exportInspect } from "./report/export-inspect.ts";
export { reportPage } from "./report/html/page.ts";
export { type ImportedInspect, type ImportInspectSettings, importInspect } from "./report/import-inspect.ts";
export type {
  Report,
  ReportAnswer,
  ReportComparison,
  ReportEvaluation,
  ReportExample,
  ReportPicture,
  ReportSubset,
  ReportTask,
} from "./report/report.ts";
export { reportLines, reportMarkdown } from "./report/report-markdown.ts";
export { scalingTable } from "./report/scaling-table.ts";
export {
  type ForcedBudget,
  type ForcedItem,
  type ForcedSettings,
  forcedAnswers,
  forcedPoints,
  isForceable,
} from "./scale/forced-answers.ts";
export {
  type ScaledAnswer,
  type ScaledQuestion,
  type ScaledSettings,
  scaledQuestions,
} from "./scale/scaled-question.ts";
export { type ScalingCurve, type ScalingSettings, scalingCurve } from "./scale/scaling-curve.ts";
export type { ScalingMethod, ScalingPoint } from "./scale/scaling-point.ts";
export { comparisonTable, pooledTable, qualityTable, summaryTable } from "./tables/report-tables.ts";
export { type Column, type TableFormat, textTable } from "./tables/text-table.ts";
export { type Baselines, baselinesOf } from "./tasks/baselines.ts";
export { taskNames, tasks } from "./tasks/benchmarks.ts";
export { drawQuestions } from "./tasks/draw-questions.ts";
export { type OrderKept, reorderOptions } from "./tasks/reorder-options.ts";
export {
  auditConditions,
  defineTask,
  importCommand,
  type Selected,
  selectQuestions,
  type Task,
  type TaskInput,
  taskSchema,
  taskSwap,
} from "./tasks/task.ts";
