import { basename } from "node:path";
import { ImageError, type ImageStore } from "@mede2/images";
import {
  type ImageRef,
  parseRecord,
  type Question,
  questionSchema,
  RecordError,
  writeFileAtomic,
  writeJsonlAtomic,
} from "@mede2/schemas";
import { cardMarkdown } from "./card-markdown.ts";
import { type CardCounter, cardCounter, type DataCard } from "./data-card.ts";
import { ImportError } from "./import-error.ts";
import type { Importer, SourceImage, SourceQuestion, SourceRow } from "./importer.ts";
import { importerNamed } from "./registry.ts";

export interface ImportOptions {
  /** A name of the table of importers, or an importer of your own. */
  name: string | Importer;
  /** The folder that the source lies in, as published. */
  dir: string;
  /** The file to write, `*.questions.jsonl`; its card goes beside it. */
  out: string;
  store: ImageStore;
  /** Where the pictures lie, if elsewhere. */
  images?: string;
  /** One of the importer's parts; default its first. */
  part?: string;
  /** Only this split; default all. */
  split?: string;
  /** Called after every record of the source. */
  progress?: (done: number) => void;
}

export interface ImportResult {
  record: "question";
  kept: number;
  /** Reason → how many records of the source. */
  dropped: Record<string, number>;
  /** Distinct pictures in the store that the set refers to. */
  images: number;
  /** The card's JSON file; the same name with `.md` is for people. */
  card: string;
  sha256: string;
}

const steps = ["read", "split", "images", "schema"] as const;
type Step = (typeof steps)[number];

/**
 * Reads a source, puts its pictures into the store and writes its questions and a data card, each file whole or not at all.
 * Throws an ImportError: unknown name or part, folder not of this source, nothing kept, or a multimodal source without a picture.
 */
export async function importSource(options: ImportOptions): Promise<ImportResult> {
  const importer = typeof options.name === "string" ? importerNamed(options.name) : options.name;
  const part = knownPart(importer, options.part);
  if (!options.out.endsWith(".questions.jsonl"))
    throw new ImportError("IMPORT_OUTPUT_INVALID", "the file of questions must end with .questions.jsonl.", {
      file: options.out,
    });
  const counter = cardCounter(steps);
  const found = new Map<string, number>();
  const written = await writeJsonlAtomic(options.out, questions(importer, part, options, counter, found));
  const { images, ...rest } = counter.summary();
  const card: DataCard = {
    card: 1,
    title: importer.title,
    source: importer.name,
    part,
    partAbout: importer.parts[part]!.about,
    revision: importer.revision,
    licence: importer.licence,
    origin: importer.origin,
    file: { name: basename(options.out), ...written },
    steps: counter.steps(),
    examples: counter.examples(),
    expected: importer.expected
      .filter((row) => row.part === undefined || row.part === part)
      .map((row) => ({ ...row, found: total(found, row.split) })),
    images,
    ...rest,
    caveats: [...importer.caveats],
  };
  const path = options.out.replace(/\.questions\.jsonl$/, ".card");
  await writeFileAtomic(`${path}.json`, `${JSON.stringify(card, null, 2)}\n`);
  await writeFileAtomic(`${path}.md`, cardMarkdown(card));
  return {
    record: "question",
    kept: written.count,
    dropped: allDropped(card.steps),
    images: images.distinct,
    card: `${path}.json`,
    sha256: written.sha256,
  };
}

function knownPart(importer: Importer, asked: string | undefined): string {
  const names = Object.keys(importer.parts);
  const part = asked ?? names[0];
  if (part !== undefined && names.includes(part)) return part;
  throw new ImportError(
    "IMPORT_PART_UNKNOWN",
    `${importer.name} has no part ${JSON.stringify(asked)}; it has ${names.join(", ")}.`,
  );
}

/** The questions that are kept. Runs to its end only if there is something to write: it throws before the file is renamed. */
async function* questions(
  importer: Importer,
  part: string,
  options: ImportOptions,
  counter: CardCounter,
  found: Map<string, number>,
): AsyncGenerator<Question> {
  const seen = new Set<string>();
  let kept = 0;
  let pictures = 0;
  let done = 0;
  const reading = options.images === undefined ? { part } : { part, images: options.images };
  for await (const row of importer.read(options.dir, reading)) {
    const question = await admit(row, importer, part, options, counter, found, seen);
    options.progress?.(++done);
    if (question === undefined) continue;
    kept += 1;
    pictures += question.images.length;
    counter.keep(question);
    yield question;
  }
  const dropped = Object.entries(allDropped(counter.steps()));
  const why =
    dropped.length === 0 ? "it held no record" : dropped.map(([reason, n]) => `${reason} ${n}`).join(", ");
  const first = counter.examples()[0]?.place ?? { file: options.dir };
  if (
    importer.parts[part]!.multimodal &&
    dropped.some(([reason]) => reason.startsWith("image-")) &&
    pictures === 0
  )
    throw new ImportError(
      "IMPORT_NO_IMAGES",
      `${importer.name} needs pictures and not one was found (${why}); give their folder with --images.`,
      first,
    );
  if (kept > 0) return;
  const splits = [...found.keys()].filter((split) => split !== "");
  const known = splits.length > 0 ? ` Splits in it: ${splits.join(", ")}.` : "";
  throw new ImportError("IMPORT_EMPTY", `nothing of ${importer.name} was kept (${why}).${known}`, first);
}

async function admit(
  row: SourceRow,
  importer: Importer,
  part: string,
  options: ImportOptions,
  counter: CardCounter,
  found: Map<string, number>,
  seen: Set<string>,
): Promise<Question | undefined> {
  const drop = (step: Step, reason: string, detail: string, place = row.place): undefined => {
    counter.drop(step, reason, detail, place);
    return undefined;
  };
  counter.enter("read");
  if ("dropped" in row) return drop("read", row.dropped, row.detail);
  const { localId, split } = row.question;
  found.set(split, (found.get(split) ?? 0) + 1);
  if (seen.has(localId)) return drop("read", "duplicate-id", `the id ${localId} came before`);
  seen.add(localId);
  counter.enter("split");
  if (options.split !== undefined && split !== options.split)
    return drop("split", "other-split", `it is in ${split}`);
  counter.enter("images");
  if (importer.parts[part]!.multimodal && row.images.length === 0)
    return drop("images", "image-missing", "the record names no picture");
  const images: ImageRef[] = [];
  for (const image of row.images) {
    const stored = await store(image, options.store);
    if ("failed" in stored) return drop("images", "image-unreadable", stored.failed, image.place);
    images.push(stored);
  }
  counter.enter("schema");
  const question = complete(row.question, importer, images);
  try {
    return parseRecord(questionSchema, question, row.place);
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    const place = error.field === "" ? row.place : { ...row.place, field: error.field };
    return drop("schema", "invalid", error.message, place);
  }
}

/** A picture that cannot be read or is none costs its question; a store that cannot be written ends the import. */
async function store(image: SourceImage, target: ImageStore): Promise<ImageRef | { failed: string }> {
  let bytes: Uint8Array;
  try {
    bytes = await image.read();
  } catch (error) {
    return { failed: (error as Error).message };
  }
  try {
    return await target.put(bytes, image.role);
  } catch (error) {
    if (error instanceof ImageError) return { failed: error.message };
    throw error;
  }
}

function complete(source: SourceQuestion, importer: Importer, images: ImageRef[]): Question {
  const { localId, licence, ...rest } = source;
  return {
    record: "question",
    v: 1,
    id: `${importer.name}:${localId}`,
    source: importer.name,
    revision: importer.revision,
    ...rest,
    images,
    licence: licence ?? importer.licence,
  };
}

function total(found: ReadonlyMap<string, number>, split: string | undefined): number {
  if (split !== undefined) return found.get(split) ?? 0;
  return [...found.values()].reduce((sum, n) => sum + n, 0);
}

function allDropped(rows: DataCard["steps"]): Record<string, number> {
  const all: Record<string, number> = {};
  for (const { dropped } of rows)
    for (const [reason, count] of Object.entries(dropped)) all[reason] = (all[reason] ?? 0) + count;
  return all;
}
