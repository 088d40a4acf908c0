import type { SplitOverlap } from "../splits/split-overlap.ts";
import type { AuditSettings } from "./audit-settings.ts";
import type { HitKind } from "./find-hits.ts";
import type { OptionForm } from "./option-form.ts";

/** One benchmark, and how much of it the audited set has seen. */
export interface AuditedAgainst {
  file: string;
  sha256: string;
  items: number;
  /** Items that a question of the audited set hits, by kind; `any` of exact, near, passage and image. */
  touched: Record<Exclude<HitKind, "same-words"> | "any", number>;
  /** Distinct pictures of the benchmark, and those that the audited set shows. */
  pictures: { shared: number; of: number };
  patients: { shared: number; of: number };
  /** Items with a stem of fewer than 8 words, to which no n-gram applies. */
  shortStems: number;
}

/** What an audit found. Counts are questions of the audited file. Nothing in it depends on the clock or the machine. */
export interface AuditReport {
  audit: 1;
  file: { name: string; sha256: string; count: number };
  /** Same words and options, and no two different pictures. */
  exact: number;
  /** Nearly the same words (Jaccard), and not exact. */
  near: number;
  /** Any shared 13-gram, or half of an item's 8-grams. */
  ngram: number;
  /** A tenth of an item's 13-grams, or half of its 8-grams: more than a shared formula. */
  passages: number;
  /** A shared picture, byte by byte or confirmed by look. */
  images: number;
  /** Of these, confirmed by look alone. */
  imagesByLook: number;
  /** Exact, near, a passage or a picture. */
  flagged: number;
  /** Told, but no contamination by themselves: the same set of options, or the same words with other options or pictures. */
  optionSet: number;
  sameWords: number;
  optionForm: OptionForm;
  /** Inside the file. `otherAnswer`: the same question with another answer. */
  within: { exact: number; otherAnswer: number; near: number; pictures: number } | { skipped: string };
  /** What splits inside the file share. */
  splits: SplitOverlap[];
  against: AuditedAgainst[];
  /** Distinct pictures of the file, and those that could not be decoded: they are compared by their bytes alone. */
  pictures: { distinct: number; undecoded: number };
  /** The plain sentences that a reader should not miss. */
  findings: string[];
  settings: AuditSettings;
  /** Where what was asked for lies: hits one a line, and the file without what was to be removed. */
  written: {
    hits?: string;
    clean?: { file: string; kept: number; removed: Record<string, number>; sha256: string };
  };
}
