export { formatWardBounds, type WardBounds, wardBounds } from "./bounds.ts";
export {
  diagnosisOf,
  type WardCase,
  type WardTosses,
  wardCase,
  wardCaseOf,
  wardCaseStream,
  wardCases,
} from "./case.ts";
export { type WardChainOptions, wardChain, wardDirectAnswer } from "./chain.ts";
export { checkWardTrace, type WardLink, type WardTraceCheck } from "./check.ts";
export { wardDemonstration } from "./demonstration.ts";
export { type WardDiagnosis, wardDiagnoses, wardDiagnosis } from "./diagnoses.ts";
export { type WardFact, type WardFactId, wardFact, wardFacts } from "./facts.ts";
export { findingLook, findingName, type WardFindingEntry, wardFinding, wardFindings } from "./findings.ts";
export { combinationSet, type WardCombinationSet } from "./held-out.ts";
export {
  renderWardImage,
  WARD_IMAGE_SIZE,
  type WardAppearance,
  type WardFinding,
  type WardImage,
  type WardImageKind,
  type WardImageSpec,
  wardAppearances,
  wardImageKinds,
} from "./images/index.ts";
export { type WardSituation, wardSituations } from "./law.ts";
export {
  imageOf as wardImageOf,
  WARD_POOL,
  type WardPassage,
  type WardPassageOptions,
  type WardTopic,
  wardPassages,
} from "./passages.ts";
export { WARD_IMAGE_PLACE, type WardPrompt, type WardPromptPart, wardPrompt, wardStem } from "./prompt.ts";
export { WARD_REVISION, wardQuestion } from "./question.ts";
export { isWardSplit, type WardSplit, wardSplits } from "./splits.ts";
export {
  type WardFactor,
  type WardFactorId,
  type WardGroup,
  type WardGroupId,
  wardDrug,
  wardFactor,
  wardFactors,
  wardGroup,
  wardGroups,
} from "./treatments.ts";
export { type WardVisionItem, wardVisionItems, wardVisionLabels } from "./vision.ts";
export type { WardValue } from "./ward-value.ts";
