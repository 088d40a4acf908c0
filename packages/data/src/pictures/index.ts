export { type Fingerprint, type Fingerprints, fingerprint, storeFingerprints } from "./fingerprint.ts";
export {
  type PictureThresholds,
  pictureThresholds,
  type SimilarPicture,
  type SimilarPictures,
  similarPictures,
} from "./similar-pictures.ts";
