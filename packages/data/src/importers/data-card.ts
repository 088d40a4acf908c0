import { type ImageRef, optionIndex, type Passage, type Question } from "@mede2/schemas";
import type { SourcePlace } from "./import-error.ts";
import type { ExpectedCount } from "./importer.ts";

/** What went through one step: `in` = `out` + the dropped. */
export interface CardStep {
  name: string;
  in: number;
  out: number;
  dropped: Record<string, number>;
}

/** The card that lies beside a set, as JSON and as Markdown. Nothing in it depends on the clock or the machine. */
export interface DataCard {
  card: 1;
  title: string;
  /** What stands on the lines of its file. */
  record: string;
  source: string;
  part: string;
  partAbout: string;
  revision: string;
  licence: string;
  origin: string;
  file: { name: string; count: number; bytes: number; sha256: string };
  steps: CardStep[];
  /** The first records of each reason, with their place. */
  examples: { reason: string; detail: string; place: SourcePlace }[];
  expected: (ExpectedCount & { found: number })[];
  /** References to pictures, the distinct files among them, and the files that more than one split refers to. */
  images: { references: number; distinct: number; acrossSplits: number };
  /** Patients, and those whose questions lie in more than one split. */
  patients: { distinct: number; acrossSplits: number };
  histograms: Record<string, Record<string, number>>;
  /** Kept records by what must be looked at, such as text that is likely burned into a picture. */
  warnings: Record<string, number>;
  caveats: string[];
}

const EXAMPLES_A_REASON = 5;
const MOST_ANSWERS = 24;

/** Counts what a set holds while its questions stream by. */
export interface CardCounter {
  /** Records that reached this step. */
  enter(step: string): void;
  drop(step: string, reason: string, detail: string, place: SourcePlace): void;
  keep(question: Question): void;
  keepPassage(passage: Passage): void;
  warn(name: string): void;
  steps(): CardStep[];
  examples(): DataCard["examples"];
  summary(): Pick<DataCard, "images" | "patients" | "histograms" | "warnings">;
}

export function cardCounter(stepNames: readonly string[]): CardCounter {
  const steps = new Map(stepNames.map((name) => [name, { name, in: 0, dropped: new Map<string, number>() }]));
  const examples: DataCard["examples"] = [];
  const histograms = new Map<string, Map<string, number>>();
  const warnings = new Map<string, number>();
  const images = seenInSplits();
  const patients = seenInSplits();
  let references = 0;
  const step = (name: string) => {
    const found = steps.get(name);
    if (found === undefined)
      throw new RangeError(`The card has no step ${name}: name it when the counter is made.`);
    return found;
  };
  const count = (histogram: string, value: string | undefined): void => {
    if (!histograms.has(histogram)) histograms.set(histogram, new Map());
    increment(histograms.get(histogram)!, value ?? "not stated");
  };
  const countImages = (shown: readonly ImageRef[], split: string): void => {
    references += shown.length;
    for (const { sha256 } of shown) images.add(sha256, split);
  };
  return {
    enter: (name) => {
      step(name).in += 1;
    },
    drop: (name, reason, detail, place) => {
      const { dropped } = step(name);
      increment(dropped, reason);
      if (dropped.get(reason)! <= EXAMPLES_A_REASON) examples.push({ reason, detail, place });
    },
    keep: (question) => {
      const { source, tags, split, licence, options, stem, gold, group } = question;
      count("source", source);
      count("split", split);
      for (const tag of ["modality", "specialty", "task", "type", "language"] as const) count(tag, tags[tag]);
      count("licence", licence);
      count("options", String(options.length));
      count("images", String(question.images.length));
      count("stem length in words", lengthBin(stem));
      for (const label of "labels" in gold ? gold.labels : []) count("position of the answer", label);
      // An answer that is different in every question says nothing as a histogram: it is given up past MOST_ANSWERS.
      if ("labels" in gold && (histograms.get("answer")?.size ?? 0) <= MOST_ANSWERS)
        for (const label of gold.labels) count("answer", options[optionIndex(label, options.length) ?? -1]);
      countImages(question.images, split);
      if (group.patient !== undefined) patients.add(group.patient, split);
    },
    keepPassage: ({ source, split, licence, text, images: shown }) => {
      count("source", source);
      count("split", split);
      count("licence", licence);
      count("images", String(shown.length));
      count("text length in words", lengthBin(text));
      countImages(shown, split);
    },
    warn: (name) => increment(warnings, name),
    steps: () =>
      [...steps.values()].map(({ name, in: entered, dropped }) => {
        const lost = [...dropped.values()].reduce((sum, n) => sum + n, 0);
        return { name, in: entered, out: entered - lost, dropped: sorted(dropped) };
      }),
    examples: () => examples,
    summary: () => ({
      images: { references, ...images.counts() },
      patients: patients.counts(),
      warnings: sorted(warnings),
      histograms: Object.fromEntries(
        [...histograms]
          .filter(([name, values]) => name !== "answer" || values.size <= MOST_ANSWERS)
          .map(([name, values]) => [name, sorted(values)]),
      ),
    }),
  };
}

/** Which things lie in more than one split. One number a thing: a set of a large source has a million of them. */
function seenInSplits() {
  const things = new Map<string, number>();
  const splits: string[] = [];
  return {
    add(thing: string, split: string): void {
      let at = splits.indexOf(split);
      if (at < 0) at = splits.push(split) - 1;
      // past 31 splits the last bit stands for all others
      things.set(thing, (things.get(thing) ?? 0) | (1 << Math.min(at, 30)));
    },
    counts: () => ({
      distinct: things.size,
      acrossSplits: [...things.values()].filter((bits) => (bits & (bits - 1)) !== 0).length,
    }),
  };
}

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** By count, most first; equal counts by name. */
function sorted(counts: ReadonlyMap<string, number>): Record<string, number> {
  const rows = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  return Object.fromEntries(rows);
}

/** Lengths in doubling bins: "1–8", "9–16", "17–32" … words. */
function lengthBin(text: string): string {
  const words = text.split(/\s+/).filter((word) => word !== "").length;
  const top = Math.max(8, 2 ** Math.ceil(Math.log2(Math.max(1, words))));
  return top === 8 ? "1–8" : `${top / 2 + 1}–${top}`;
}
