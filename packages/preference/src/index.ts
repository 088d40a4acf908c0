export { type AuditSettings, auditPairs, type PairAudit } from "./audit/audit-pairs.ts";
export { type Bias, styleMarks } from "./audit/bias.ts";
export type { Doubt } from "./audit/doubts.ts";
export { type Agreement, type Preferred, preferredBy, verdictAgreement } from "./audit/verdicts.ts";
export { type BestOfSettings, bestOf, chosenDemonstrations } from "./best-of.ts";
export {
  buildPairsFile,
  type PairFiles,
  type ScoreSettings,
  scoreCandidates,
  textNegatives,
} from "./candidate-files.ts";
export type { CheckResult, TraceCheck } from "./checks/check.ts";
export { type TraceCheckName, traceChecks } from "./checks/index.ts";
export { type CounterfactualSettings, counterfactualsBy, type PictureVariants } from "./counterfactuals.ts";
export {
  type ExportFormat,
  type ExportSettings,
  exportAnswer,
  exportFormats,
  exportIndex,
  exportPair,
  llamaFactoryInfo,
} from "./export/export-pairs.ts";
export { familyOf } from "./family-of.ts";
export { combineJudges, type JudgedRating, type Judging } from "./judges/add-judges.ts";
export type { AskSettings, Judge } from "./judges/ask-judge.ts";
export {
  type Calibration,
  calibrateJudges,
  calibrationSchema,
  type LabelledAnchor,
} from "./judges/calibration.ts";
export { comparePair } from "./judges/compare-pair.ts";
export { type IsotonicMap, isotonicAt, isotonicFit } from "./judges/isotonic.ts";
export { judgePrompt, judgePromptVersion } from "./judges/judge-prompt.ts";
export { type JudgeScore, parseJudgeReply } from "./judges/parse-judge-reply.ts";
export { type LinkResult, linkResults } from "./link-results.ts";
export {
  type ConstructedKind,
  constructedKinds,
  constructNegative,
  fabricateWrongAnswer,
  type NegativeInput,
  type NegativeOrigin,
  type NegativeSettings,
} from "./negatives/construct-negative.ts";
export {
  type ModelKind,
  type ModelNegativeSettings,
  modelKinds,
  modelNegatives,
} from "./negatives/model-negatives.ts";
export type { TemplateSet } from "./negatives/templates.ts";
export { type BuiltPairs, buildPairs } from "./pairs/build-pairs.ts";
export { type NegativeKind, negativeKinds, type Side } from "./pairs/negative-kinds.ts";
export { type PairSettings, type PairSettingsInput, pairSettingsSchema } from "./pairs/pair-settings.ts";
export { type PairStatistics, pairStatistics } from "./pairs/pair-statistics.ts";
export type { Dropped } from "./pairs/propose-pairs.ts";
export {
  buildRatedAnswersFile,
  type RatedAnswerCounts,
  type RatedAnswerSettings,
  type RatedAnswerSettingsInput,
  ratedAnswerSettingsSchema,
} from "./pairs/rated-answers.ts";
export { PreferenceError, type PreferenceErrorCode } from "./preference-error.ts";
export { type Rubric, type RubricInput, rubricSchema } from "./rubric.ts";
export { defaultRubric } from "./rubrics/default-rubric.ts";
export { builtInRubrics, parseRubric, readRubric, rubricId } from "./rubrics/read-rubric.ts";
export { textRubric } from "./rubrics/text-rubric.ts";
export { type DetailedRating, passesGates, scorerVersion, scoreTrace } from "./score-trace.ts";
export type { Counterfactual, TraceInput } from "./trace-context.ts";
