export { type Answer, type AnswerStatus, answerSchema, answerStatusSchema } from "./answer.ts";
export { replaceFile, syncFolder, writeFileAtomic } from "./atomic-file.ts";
export { type Candidates, candidatesSchema } from "./candidates.ts";
export { canonicalJson, recordId, sha256Hex, withId } from "./canonical-json.ts";
export {
  type ControlName,
  type ControlRequest,
  controlNameSchema,
  controlRequestSchema,
} from "./control-request.ts";
export { type Check, checkSchema, type Demonstration, demonstrationSchema } from "./demonstration.ts";
export {
  type EvaluationRecord,
  evaluationRecordSchema,
  type Outcome,
  outcomeSchema,
} from "./evaluation-record.ts";
export {
  type ImageCondition,
  imageConditionSchema,
  isoTimeSchema,
  type JsonValue,
  questionIdSchema,
  recordIdSchema,
  type Stage,
  sha256Schema,
  stageSchema,
} from "./fields.ts";
export { type Heartbeat, heartbeatSchema, type RunStatus, runStatusSchema } from "./heartbeat.ts";
export { type ImageRef, type ImageRegion, imageRefSchema, imageRegionSchema } from "./image-ref.ts";
export { type Clock, isoTime } from "./iso-time.ts";
export type { Known } from "./known.ts";
export { type Finite, withoutNonFinite } from "./non-finite.ts";
export { optionIndex, optionLabel, optionLabels } from "./option-label.ts";
export { parseJson, parseRecord, parseRecordText, readRecord } from "./parse-record.ts";
export { type Passage, passageSchema } from "./passage.ts";
export {
  isTrainingPlan,
  type Plan,
  type PlanData,
  type PlanKind,
  planDataSchema,
  planHash,
  planKindSchema,
  planSchema,
  type TaskPlan,
  type TrainingPlan,
  taskPlanSchema,
  trainingPlanSchema,
} from "./plan.ts";
export {
  answerLosses,
  type Batch,
  batchSchema,
  type Decoding,
  type DeviceName,
  decodingSchema,
  deviceSchema,
  type Ema,
  type EngineName,
  emaSchema,
  engineSchema,
  type Launcher,
  type Lora,
  type Loss,
  launcherSchema,
  loraSchema,
  lossNames,
  lossSchema,
  type Optimiser,
  optimiserSchema,
  type Pixels,
  pixelsSchema,
  type Schedule,
  scheduleSchema,
  taskKinds,
  trainingKinds,
} from "./plan-parts.ts";
export { nameFault, portableName } from "./portable-name.ts";
export { type PreferencePair, preferencePairSchema } from "./preference-pair.ts";
export {
  type Gold,
  type Group,
  goldSchema,
  groupSchema,
  type Question,
  questionSchema,
  type Tags,
  tagsSchema,
} from "./question.ts";
export { type RatedAnswer, ratedAnswerSchema } from "./rated-answer.ts";
export {
  type Gate,
  gateSchema,
  type Judgement,
  judgementSchema,
  type Rating,
  ratingSchema,
  type Scorer,
  scorerSchema,
} from "./rating.ts";
export {
  type Line,
  type RecordResult,
  readAllJsonl,
  readJsonl,
  readJsonlLenient,
  readLines,
} from "./read-jsonl.ts";
export {
  type Problem,
  problemSentence,
  problemsOf,
  RecordError,
  type RecordErrorCode,
  type RecordPlace,
} from "./record-error.ts";
export { jsonSchemas, type RecordName, recordFiles, recordNameOfFile, recordSchemas } from "./records.ts";
export {
  type AnyEvent,
  anyEventSchema,
  type EventOf,
  type RunEvent,
  type RunEventBody,
  type RunEventType,
  runEventSchema,
} from "./run-event.ts";
export { type RunManifest, runManifestSchema } from "./run-manifest.ts";
export { type ResolvedSpan, resolveSpan, type Span, spanOf, spanSchema } from "./span.ts";
export {
  type Finish,
  finishSchema,
  type Trace,
  type TraceSample,
  type TraceSource,
  traceSampleSchema,
  traceSchema,
  traceSourceSchema,
} from "./trace.ts";
export { type TrainingLock, trainingLockFile, trainingLockOf, trainingLockSchema } from "./training-lock.ts";
export { type Verdict, verdictSchema } from "./verdict.ts";
export {
  appendJsonl,
  recordLine,
  repairJsonlTail,
  type WrittenJsonl,
  writeJsonlAtomic,
} from "./write-jsonl.ts";
