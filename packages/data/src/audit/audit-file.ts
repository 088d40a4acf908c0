import { basename } from "node:path";
import { openImageStore } from "@mede2/images";
import { parseJson, type Question, readLines, type WrittenJsonl, writeJsonlAtomic } from "@mede2/schemas";
import { exactDuplicates } from "../filters/exact-duplicates.ts";
import type { Filter } from "../filters/filter.ts";
import { nearDuplicates } from "../filters/near-duplicates.ts";
import { pictureDuplicates } from "../filters/picture-duplicates.ts";
import { judgeBy } from "../filters/run-filters.ts";
import { removeStaleFiles } from "../importers/stale-files.ts";
import { type Fingerprints, storeFingerprints } from "../pictures/fingerprint.ts";
import { fileSha256 } from "../records/file-sha256.ts";
import { readQuestions } from "../records/read-questions.ts";
import { splitOverlapCounter } from "../splits/split-overlap.ts";
import { auditFindings } from "./audit-findings.ts";
import type { AuditReport } from "./audit-report.ts";
import { type AuditSettings, auditSettings } from "./audit-settings.ts";
import { addBenchmark, benchmarkIndex } from "./benchmark-index.ts";
import { documentCounter } from "./document-counter.ts";
import { contaminating, findHits, type Hit, type HitKind, sharedPictures } from "./find-hits.ts";
import { hitTally } from "./hit-tally.ts";
import { optionFormCounter } from "./option-form.ts";

export interface AuditOptions {
  /** Questions, or records that carry one. */
  file: string;
  /** Benchmarks that the file may not hold. */
  against: readonly string[];
  /** Folder of the image store; without it pictures are compared by sha256 alone. */
  store?: string;
  settings?: AuditSettings;
  /** Whether to look for duplicates inside the file, which takes some 600 bytes a question. Default: true. */
  within?: boolean;
  /** `*.jsonl` to write: one line for each question that hits something. */
  hits?: string;
  /** The file without the questions that hit a benchmark in one of the ways of `remove` (default: those that are contamination). */
  clean?: string;
  remove?: readonly HitKind[];
  /** Called as questions are read; each pass begins anew. */
  progress?: (done: number, pass: string) => void;
}

/**
 * Looks for benchmark questions and pictures in a set, for duplicates and for shortcuts in the form of its options. The file is streamed twice, a third time to write it clean; memory
 * goes with the benchmarks, apart from some 200 bytes a question for what is distinct and the cost of `within`.
 */
export async function auditFile(options: AuditOptions): Promise<AuditReport> {
  const { file, against, settings = auditSettings, within = true, progress = () => {} } = options;
  const undecoded = new Set<string>();
  const fingerprints =
    options.store === undefined
      ? undefined
      : storeFingerprints(openImageStore(options.store), {
          onMissing: ({ sha256 }) => undecoded.add(sha256),
        });

  const index = benchmarkIndex(settings);
  const tally = hitTally(index, against.length);
  let done = 0;
  for (const [number, path] of against.entries())
    for await (const { question } of readQuestions(path)) {
      await addBenchmark(index, number, question, fingerprints);
      tally.benchmark(number, question);
      progress(++done, "benchmarks");
    }

  const form = optionFormCounter();
  const overlap = splitOverlapCounter();
  const documents = documentCounter(index);
  let count = 0;
  for await (const { question } of readQuestions(file)) {
    form.add(question);
    overlap.add(question);
    tally.audited(question);
    documents.add(question);
    progress(++count, "first pass");
  }

  const duplicates = within ? duplicateCounter(settings, fingerprints) : undefined;
  const remove = options.remove ?? contaminating;
  const removed: Record<string, number> = {};
  const marked = options.clean === undefined ? undefined : new Set<number>();
  const commonOptions = (key: number): boolean => documents.withOptions(key) > settings.boilerplate;
  async function* hitLines(): AsyncGenerator<object> {
    let judged = 0;
    for await (const { question, line } of readQuestions(file)) {
      await duplicates?.add(question);
      const shared = await sharedPictures(index, question, fingerprints);
      const hits = findHits(index, question, shared, settings, commonOptions);
      const kinds = tally.hit(hits, shared);
      const reason = remove.find((kind) => kinds.has(kind));
      if (reason !== undefined && marked !== undefined) {
        marked.add(line);
        removed[reason] = (removed[reason] ?? 0) + 1;
      }
      progress(++judged, "second pass");
      if (hits.length > 0) yield hitLine(question, hits, index.items, against);
    }
  }
  if (options.hits === undefined) for await (const _ of hitLines());
  else {
    await removeStaleFiles(options.hits);
    await writeJsonlAtomic(options.hits, hitLines());
  }

  const clean =
    options.clean === undefined
      ? undefined
      : await writeClean(file, options.clean, (line) => marked!.has(line));
  const report: Omit<AuditReport, "findings"> = {
    audit: 1,
    file: { name: basename(file), sha256: await fileSha256(file), count },
    ...tally.counts(),
    optionForm: form.result(),
    within: duplicates?.counts() ?? { skipped: "not asked for" },
    splits: overlap.result(),
    against: await Promise.all(
      against.map(async (path, number) => ({
        file: basename(path),
        sha256: await fileSha256(path),
        ...tally.against(number),
      })),
    ),
    pictures: { distinct: tally.distinctPictures(), undecoded: undecoded.size },
    settings,
    written: {
      ...(options.hits === undefined ? {} : { hits: basename(options.hits) }),
      ...(clean === undefined
        ? {}
        : { clean: { file: basename(options.clean!), kept: clean.count, removed, sha256: clean.sha256 } }),
    },
  };
  const { written, ...rest } = report;
  return { ...rest, findings: auditFindings(report), written };
}

/** The most items that are written for one question: a picture may be in hundreds. */
const MOST_ITEMS = 20;

function hitLine(
  { id }: Question,
  hits: readonly Hit[],
  items: readonly { file: number; id: string }[],
  against: readonly string[],
): object {
  const kinds = new Set<HitKind>(hits.flatMap((hit) => hit.kinds));
  return {
    questionId: id,
    kinds: [...kinds].sort(),
    items: hits.length,
    hits: hits.slice(0, MOST_ITEMS).map(({ item, ...hit }) => ({
      against: basename(against[items[item]!.file]!),
      itemId: items[item]!.id,
      ...hit,
    })),
  };
}

/** Duplicates inside the file, found by the filters that would drop them. */
function duplicateCounter(settings: AuditSettings, fingerprints: Fingerprints | undefined) {
  const filters: Filter[] = [
    exactDuplicates(),
    nearDuplicates({ similarity: settings.nearSimilarity, sameNumbers: true }),
    ...(fingerprints === undefined ? [] : [pictureDuplicates(fingerprints, settings.pictures)]),
  ];
  const reasons = new Map<string, number>();
  return {
    async add(question: Question): Promise<void> {
      const judged = await judgeBy(filters, question);
      if (judged !== null) reasons.set(judged.reason, (reasons.get(judged.reason) ?? 0) + 1);
    },
    counts: () => ({
      exact: reasons.get("duplicate") ?? 0,
      otherAnswer: reasons.get("duplicate-other-answer") ?? 0,
      near: reasons.get("near-duplicate") ?? 0,
      pictures: reasons.get("picture-duplicate") ?? 0,
    }),
  };
}

async function writeClean(file: string, out: string, drop: (line: number) => boolean): Promise<WrittenJsonl> {
  async function* rest(): AsyncGenerator<object> {
    for await (const { text, line } of readLines(file))
      if (text.trim() !== "" && !drop(line)) yield parseJson(text, { file, line }) as object;
  }
  return writeJsonlAtomic(out, rest());
}
