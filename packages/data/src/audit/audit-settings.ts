import { type PictureThresholds, pictureThresholds } from "../pictures/similar-pictures.ts";

/** What counts as contamination. */
export interface AuditSettings {
  /** Least Jaccard index of three-word sequences of stem and options for `near`. */
  nearSimilarity: number;
  /** Least share of an item's word 8-grams, and of its 13-grams, in the audited stem for `passage`. */
  containment8: number;
  containment13: number;
  /** N-grams in more documents of the audited set than this are boilerplate; so are sets of options in more of them, or of more items. */
  boilerplate: number;
  /** Least number of words of a stem that identifies a case by itself, when both questions have pictures and share none. */
  identifyingWords: number;
  pictures: PictureThresholds;
}

/**
 * 13-grams after GPT-3 (arXiv 2005.14165, appendix C); the thresholds are ours. A single shared 13-gram, as it counts there, says little of vignettes: of the 257 MedQA questions that
 * share one with MedXpertQA or MMLU, all but 25 share vital signs and closing formulas alone. Hence the tenth of an item's 13-grams.
 */
export const auditSettings: AuditSettings = {
  nearSimilarity: 0.8,
  containment8: 0.5,
  containment13: 0.1,
  boilerplate: 10,
  identifyingWords: 13,
  pictures: pictureThresholds,
};
