export { type ChainCheck, type Rejection, rightAnswer, sectionsPresent, writtenForm } from "./chain-check.ts";
export { type DemosOptions, type DemosResult, makeDemonstrations } from "./demos.ts";
export {
  type DirectForm,
  type DirectOptions,
  directDemonstration,
  directDemonstrations,
} from "./direct.ts";
export { maskAnswer } from "./mask-answer.ts";
export {
  type Orchestration,
  orchestrationSchema,
  parseOrchestration,
  teacherPrompt,
} from "./orchestration.ts";
export { type ReconstructionMode, reconstructionModes, reconstructionPrompt } from "./reconstruction.ts";
export { orchestrations } from "./templates.ts";
export { wardTeacher } from "./ward-teacher.ts";
