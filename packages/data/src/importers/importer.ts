import type { ImageRegion, Question } from "@mede2/schemas";
import type { SourcePlace } from "./import-error.ts";

/** A picture of a source, read only when its question is kept. */
export interface SourceImage {
  /** The encoded file (PNG, JPEG, TIFF, WebP …). May throw: the question is then dropped as `image-unreadable`. */
  read(): Promise<Uint8Array>;
  /** Names the picture in messages: a path, or a path with a column. */
  place: SourcePlace;
  /** What the picture is in its question, such as "frontal" or "figure-2". */
  role?: string;
  /** The same for the same file: a picture that has just been stored is not read again. */
  key?: string;
  /** Of a DICOM file with several: which frame, from 1. */
  frame?: number;
  /** Parts of the picture that the source marks; the same for the same `key`. */
  regions?(): Promise<ImageRegion[]>;
}

/** A question as an importer gives it: the pipeline adds the header, source, revision, licence and image references. */
export type SourceQuestion = Omit<
  Question,
  "record" | "v" | "id" | "source" | "revision" | "licence" | "images"
> & {
  /** Unique within the source; the question's id becomes `<source>:<localId>`. */
  localId: string;
  /** Where one record's licence differs from the source's. */
  licence?: string;
};

/** A text for pretraining, such as a caption; with pictures it is about them. */
export interface SourcePassage {
  localId: string;
  split: string;
  text: string;
  licence?: string;
}

/** A record that is left out, and why. */
export interface DroppedRow {
  /** A short name that records with the same trouble share, such as "label-unknown"; it is counted in the card. */
  dropped: string;
  /** One phrase: what was expected and what was found. */
  detail: string;
  place: SourcePlace;
}

export interface QuestionRow {
  question: SourceQuestion;
  images: readonly SourceImage[];
  place: SourcePlace;
  /** For parts whose record is more than a question: makes it of the question when that is whole. */
  record?: (question: Question) => object;
}

export interface PassageRow {
  passage: SourcePassage;
  images: readonly SourceImage[];
  place: SourcePlace;
}

/** One record of a source, or why there is none. */
export type SourceRow = QuestionRow | PassageRow | DroppedRow;

/** How many records the published source has, where its publisher or paper says so. */
export interface ExpectedCount {
  /** Absent: all splits together. */
  split?: string;
  /** Absent: every part. */
  part?: string;
  /** Which published shape the number belongs to, such as "version 2, class folders". */
  of: string;
  count: number;
}

export interface ReadOptions {
  /** One of the importer's parts; always given. */
  part: string;
  /** Where the source's pictures lie, if not in its own folder. */
  images?: string;
}

/** One set of questions that can be made of a source. */
export interface SourcePart {
  about: string;
  /** Every question needs at least one picture, and a run that yields none is an error. */
  multimodal: boolean;
  /** What stands on the lines of its file. Default "question". */
  record?: "question" | "demonstration" | "preference-pair" | "candidates" | "passage";
}

/** One source: what it is, and how to read it from the shapes in which it is published. */
export interface Importer {
  /** The name on the command line and in question ids. */
  name: string;
  title: string;
  /** SPDX identifier, or the publisher's words. */
  licence: string;
  /** The published version that this importer was written for. */
  revision: string;
  /** Where it is published, and the paper to cite. */
  origin: string;
  /** What can be made of this source, by name. The first is the default. */
  parts: Readonly<Record<string, SourcePart>>;
  expected: readonly ExpectedCount[];
  /** What a reader of the set must know: biases, overlaps, limits. Printed on the card. */
  caveats: readonly string[];
  /**
   * Streams the source's records in an order that depends on its files alone. Bad records are yielded as dropped;
   * throws an ImportError when the folder as a whole is not this source.
   */
  read(dir: string, options: ReadOptions): AsyncIterable<SourceRow>;
}
