export {
  type GroupKind,
  type GroupSplitOptions,
  groupKinds,
  groupSplitter,
  type SplitFileResult,
  splitFile,
} from "./split-by-group.ts";
export { overlapSentence, type SplitOverlap, splitOverlapCounter } from "./split-overlap.ts";
