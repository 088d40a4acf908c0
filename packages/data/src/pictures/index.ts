export { type Fingerprint, type Fingerprints, fingerprint, storeFingerprints } from "./fingerprint.ts";
export { type PictureReader, type PictureReading, tesseractReader } from "./read-text.ts";
export { type ReadTextsResult, readPictureTexts } from "./read-texts.ts";
export {
  type PictureThresholds,
  pictureThresholds,
  type SimilarPicture,
  type SimilarPictures,
  similarPictures,
} from "./similar-pictures.ts";
