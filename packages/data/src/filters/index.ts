export { absoluteWords } from "./absolute-words.ts";
export { answerPositions } from "./answer-position.ts";
export { exactDuplicates } from "./exact-duplicates.ts";
export type { Filter, Verdict } from "./filter.ts";
export { type ImageNeededSettings, imageNeeded, imageNeededSettings } from "./image-needed.ts";
export { languages } from "./language.ts";
export { type LengthGapSettings, lengthGaps } from "./length-gap.ts";
export { licenceFits, licences } from "./licence.ts";
export { type NearDuplicateSettings, nearDuplicates } from "./near-duplicates.ts";
export { pictureDuplicates } from "./picture-duplicates.ts";
export { pictureRequired } from "./picture-required.ts";
export { filterQuestions, type Judged, judgeBy } from "./run-filters.ts";
export {
  infimed2,
  type StabilityRoute,
  type StabilityRule,
  type StabilitySettings,
  stability,
  stabilityRoute,
} from "./stability.ts";
export { readTallies, type Tallies, type Tally } from "./tally.ts";
export { type PictureText, type TextInPictureSettings, textInPicture } from "./text-in-picture.ts";
export { type TextMeasure, textLength, wordMeasure } from "./text-length.ts";
export { wordsForPicture } from "./words-for-picture.ts";
