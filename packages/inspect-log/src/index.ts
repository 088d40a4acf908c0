export { type FromInspectSettings, fromInspect, type ImportedAnswer } from "./from-inspect.ts";
export { InspectError, type InspectErrorCode } from "./inspect-error.ts";
export type {
  InspectHeader,
  InspectMessage,
  InspectSample,
  InspectScore,
  InspectSummary,
} from "./log-schema.ts";
export { type InspectLog, openInspectLog } from "./open-inspect-log.ts";
export type { SampleKey } from "./sample-entries.ts";
export type { Tally } from "./score-tally.ts";
export { scoreValue } from "./score-value.ts";
export { type EvaluatedAnswer, type Picture, scorerOf, toInspect } from "./to-inspect.ts";
export {
  inspectLogName,
  type NewInspectLog,
  type WrittenInspectLog,
  writeInspectLog,
} from "./write-inspect-log.ts";
export type { ZipLimits } from "./zip-entries.ts";
